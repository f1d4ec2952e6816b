package fault

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// ServeHTTP lets a page switch faults: GET lists them, POST adds the Fault in its JSON body and answers {"id"}, DELETE
// removes the one of ?id=, or all without it.
func (p *Plan) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		answerJSON(w, http.StatusOK, p.List())
	case http.MethodPost:
		p.serveAdd(w, r)
	case http.MethodDelete:
		p.serveRemove(w, r)
	default:
		w.Header().Set("Allow", "GET, POST, DELETE")
		answerJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "use GET, POST or DELETE"})
	}
}

func (p *Plan) serveAdd(w http.ResponseWriter, r *http.Request) {
	const longestFault = 64 << 10
	var f Fault
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestFault)).Decode(&f)
	if err == nil {
		err = f.Validate()
	}
	if err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	answerJSON(w, http.StatusCreated, map[string]int{"id": p.Add(f)})
}

func (p *Plan) serveRemove(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("id")
	if text == "" {
		p.Clear()
		answerJSON(w, http.StatusOK, p.List())
		return
	}
	id, err := strconv.Atoi(text)
	if err != nil || !p.Remove(id) {
		answerJSON(w, http.StatusNotFound, map[string]string{"error": "no fault of that id is switched on"})
		return
	}
	answerJSON(w, http.StatusOK, p.List())
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, `{"error":"the answer cannot be written as JSON"}`, http.StatusInternalServerError)
		return
	}
	send(w, status, "application/json; charset=utf-8", text)
}
