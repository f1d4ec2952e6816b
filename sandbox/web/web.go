// Package web is the sandbox's page: Tampuuri on the left, Hillava on the right, and everything that people do in
// either system by hand. It drives the stand-ins and never Temporal: what the integration makes of it is seen to arrive,
// and how it stands with each notice is told by an Integration.
package web

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"sync"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/tampuuri"
)

//go:embed assets
var assets embed.FS

// Customer is one customer on the page.
type Customer struct {
	Tunniste   string              `json:"tunniste"`
	Name       string              `json:"name"`
	HillavaID  string              `json:"hillavaId"`
	Performers []int64             `json:"performers"` // ours in its Tampuuri
	Properties []tampuuri.Property `json:"properties"` // to choose from for a new notice
}

// Options say what the page shows. Stand-ins and faults are needed.
type Options struct {
	Tampuuri   *tampuuri.Server
	Hillava    *hillava.Server
	Faults     *fault.Plan
	Customers  []Customer
	TemporalUI string // base address of the Web UI; "" = no links
	Namespace  string // Temporal's, for the links
	// Integration is what the page knows of the integration itself; nil = nothing.
	Integration Integration
	// NewCustomer makes a customer in both systems, and gives the entry that customers.yaml needs for it; nil = it cannot.
	NewCustomer func(tunniste, name string) (made Customer, entry string, err error)
}

type handler struct {
	Options
	before map[string]bool // the notices that were there before the page, as customer/number

	mutex sync.Mutex // of what follows, and of Customers
	setUp setUp
}

// NewHandler serves the page and its JSON API. It answers requests to loopback names only, and changes only from the
// page itself or from programs that are no browser.
func NewHandler(o Options) (http.Handler, error) {
	if o.Tampuuri == nil || o.Hillava == nil || o.Faults == nil {
		return nil, errors.New("the page needs both stand-ins and their faults")
	}
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, fmt.Errorf("open the page's files: %w", err)
	}
	h := &handler{Options: o, before: map[string]bool{}, setUp: asItHasToBe}
	for _, notice := range o.Tampuuri.Notices() {
		h.before[keyOf(notice)] = true
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /api/state", h.state)
	mux.HandleFunc("POST /api/notices", act(h.createNotice))
	mux.HandleFunc("POST /api/notices/{customer}/{id}/edit", act(h.editNotice))
	mux.HandleFunc("POST /api/notices/{customer}/{id}/assign", act(h.assignNotice))
	mux.HandleFunc("POST /api/notices/{customer}/{id}/state", act(h.setNoticeState))
	mux.HandleFunc("POST /api/notices/{customer}/{id}/chain", act(h.chainNotice))
	mux.HandleFunc("POST /api/notices/{customer}/{id}/delete", act(h.deleteNotice))
	mux.HandleFunc("POST /api/lives/{externalId}/{what}", act(h.operate))
	mux.HandleFunc("POST /api/customers", act(h.addCustomer))
	mux.HandleFunc("POST /api/setup", act(h.changeSetUp))
	mux.HandleFunc("POST /api/tasks/{id}/transition", act(h.runTransition))
	mux.HandleFunc("POST /api/tasks/{id}/time-entries", act(h.addTimeEntry))
	mux.HandleFunc("POST /api/tasks/{id}/time-entries/{entry}/edit", act(h.editTimeEntry))
	mux.HandleFunc("POST /api/tasks/{id}/time-entries/{entry}/approve", act(h.approveTimeEntry))
	mux.HandleFunc("POST /api/tasks/{id}/time-entries/{entry}/remove", act(h.removeTimeEntry))
	mux.HandleFunc("POST /api/faults", act(h.addFault))
	mux.HandleFunc("POST /api/faults/{fault}/remove", act(h.removeFault))
	mux.HandleFunc("POST /api/delivery", act(h.setDelivery))
	protection := http.NewCrossOriginProtection()
	return loopbackOnly(secured(protection.Handler(mux))), nil
}

// loopbackOnly refuses other host names, or a foreign page could reach us through a name that it lets point here (DNS
// rebinding).
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			http.Error(w, "This page answers on 127.0.0.1 and localhost only.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return name == "127.0.0.1" || name == "localhost" || name == "::1" || name == "[::1]"
}

// secured lets the page load nothing from elsewhere and be framed by nobody.
func secured(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
