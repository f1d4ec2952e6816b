package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
)

// Health collects what the parts of a program say of themselves. It is safe for concurrent use.
type Health struct {
	mutex sync.Mutex
	parts map[string]part
}

type part struct {
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// NewHealth starts not ready: nothing has reported yet.
func NewHealth() *Health { return &Health{parts: map[string]part{}} }

// SetReady records the state of one part. The program is ready when every part is. A detail may come with ok too, to
// show a trouble that does not stop the whole (one customer's credentials, say); it must hold no personal data.
func (h *Health) SetReady(name string, ok bool, detail string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.parts[name] = part{OK: ok, Detail: detail}
}

// Forget removes a part that is there no longer.
func (h *Health) Forget(name string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.parts, name)
}

// snapshot tells whether at least one part has reported and all are well, and what each says.
func (h *Health) snapshot() (ready bool, parts map[string]part) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	ready = len(h.parts) > 0
	for _, one := range h.parts {
		ready = ready && one.OK
	}
	return ready, maps.Clone(h.parts)
}

// OpsHandler answers /healthz (the process lives), /readyz (every part is ready; else 503) and /metrics.
func OpsHandler(h *Health, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, http.StatusOK, map[string]any{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		ready, parts := h.snapshot()
		status := http.StatusOK
		if !ready {
			status = http.StatusServiceUnavailable
		}
		answerJSON(w, status, map[string]any{"ready": ready, "parts": parts})
	})
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The reader went away when this fails; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// ServeOps serves h on addr until stop is called (once) or ctx ends. It returns the address that it listens on, which differs
// from addr when that asks for port 0. It fails when the address cannot be listened on.
func ServeOps(ctx context.Context, addr string, h http.Handler) (stop func(context.Context) error, listening string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, "", fmt.Errorf("listen for health and metrics on OPS_ADDR %q (is it in use? set another): %w", addr, err)
	}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	unregister := context.AfterFunc(ctx, func() { _ = server.Close() })
	stop = func(stopCtx context.Context) error {
		unregister()
		err := server.Shutdown(stopCtx)
		if err != nil {
			err = errors.Join(err, server.Close())
		}
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		if err != nil {
			return fmt.Errorf("serve health and metrics until the stop: %w", err)
		}
		return nil
	}
	return stop, listener.Addr().String(), nil
}
