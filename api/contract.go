// Package api holds the three HTTP contracts of the integration as OpenAPI 3.1
// files, and the check that keeps clients and stand-ins honest against them in
// tests. No program uses this package at run time.
package api

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Names of the contracts.
const (
	Tampuuri = "tampuuri"
	Hillava  = "hillava"
	Webhook  = "webhook"
)

//go:embed *.yaml
var files embed.FS

// Load reads and validates one contract by its name.
func Load(name string) (*openapi3.T, error) {
	raw, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("read the contract %q (use api.Tampuuri, api.Hillava or api.Webhook): %w", name, err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("parse api/%s.yaml: %w", name, err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("api/%s.yaml is not a valid OpenAPI document: %w", name, err)
	}
	return doc, nil
}

// Validator checks requests and responses against one contract.
type Validator struct {
	router routers.Router
}

// NewValidator makes the validator of one contract.
func NewValidator(name string) (*Validator, error) {
	doc, err := Load(name)
	if err != nil {
		return nil, err
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("route api/%s.yaml: %w", name, err)
	}
	return &Validator{router: router}, nil
}

// ValidateRequest checks a request whose body has been read already: route,
// parameters, credentials present, body, and that it has no query parameter
// that the contract does not know.
func (v *Validator) ValidateRequest(r *http.Request, body []byte) error {
	input, err := v.input(r, body)
	if err != nil {
		return err
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return fmt.Errorf("request %s %s: %w", r.Method, r.URL.Path, err)
	}
	known := map[string]bool{}
	for _, p := range append(input.Route.PathItem.Parameters, input.Route.Operation.Parameters...) {
		known[p.Value.In+" "+p.Value.Name] = true
	}
	for name := range r.URL.Query() {
		if !known["query "+name] {
			return fmt.Errorf("request %s %s: query parameter %s is not in the contract", r.Method, r.URL.Path, name)
		}
	}
	if !known["header Idempotency-Key"] && r.Header.Get("Idempotency-Key") != "" {
		return fmt.Errorf("request %s %s: Idempotency-Key where the contract has none", r.Method, r.URL.Path)
	}
	return nil
}

// ValidateResponse checks the answer to a request: the status is one that the
// contract knows, and headers and body are as it says.
func (v *Validator) ValidateResponse(r *http.Request, status int, header http.Header, body []byte) error {
	input, err := v.input(r, nil)
	if err != nil {
		return err
	}
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(r.Context(), response); err != nil {
		return fmt.Errorf("response %d to %s %s: %w", status, r.Method, r.URL.Path, err)
	}
	return nil
}

func (v *Validator) input(r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := v.router.FindRoute(copied)
	if err != nil {
		return nil, fmt.Errorf("request %s %s is not in the contract: %w", r.Method, r.URL.Path, err)
	}
	return &openapi3filter.RequestValidationInput{
		Request:    copied,
		PathParams: params,
		Route:      route,
		Options:    &openapi3filter.Options{MultiError: true, AuthenticationFunc: credentialsPresent},
	}, nil
}

// credentialsPresent looks only whether the credentials are there: whose they
// are is the stand-in's business.
func credentialsPresent(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	header := input.RequestValidationInput.Request.Header
	scheme := input.SecurityScheme
	switch {
	case scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "bearer"):
		if token, ok := strings.CutPrefix(header.Get("Authorization"), "Bearer "); !ok || token == "" {
			return errors.New("no bearer token")
		}
	case scheme.Type == "apiKey" && scheme.In == "header":
		if header.Get(scheme.Name) == "" {
			return fmt.Errorf("no header %s", scheme.Name)
		}
	default:
		return fmt.Errorf("security scheme %s is not checked here", input.SecuritySchemeName)
	}
	return nil
}
