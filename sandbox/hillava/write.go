package hillava

import (
	"net/http"

	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/strict"
)

// longestKey is the limit of an Idempotency-Key in bytes.
const longestKey = 255

// once gives the answer that was given to the same key before, or carries the request out. Only what was applied is kept:
// a request that was refused had no effect, so that the same key may succeed once its cause is gone. Keys belong to one
// kind of call, those of notes to one task, and are kept for as long as the stand-in lives.
func (s *Server) once(scope string, asked request, carryOut func(key string) reply) reply {
	if len(asked.keys) != 1 || asked.keys[0] == "" || len(asked.keys[0]) > longestKey {
		return refuse(http.StatusBadRequest, "One Idempotency-Key of 1 to 255 characters is required.")
	}
	key := asked.keys[0]
	kept := scope + " " + key
	if first, known := s.answers[kept]; known {
		return first
	}
	given := carryOut(key)
	if given.status == http.StatusCreated {
		s.answers[kept] = given
	}
	return given
}

// createTask makes a task.
func (s *Server) createTask(asked request) reply {
	if asked.query != "" {
		return noQuery()
	}
	return s.once(OpCreateTask, asked, func(key string) reply {
		if !strict.IsJSON(asked.contentType) {
			return refuse(http.StatusBadRequest, "The content type is not application/json in UTF-8.")
		}
		fields, err := strict.Object(asked.body)
		if err != nil {
			return refuse(http.StatusBadRequest, err.Error())
		}
		made, problems := s.newTask(fields)
		if len(problems) > 0 {
			return invalid(http.StatusUnprocessableEntity, "The task cannot be made.", problems)
		}
		if existing := s.byExternalID(made.ExternalID); existing != nil {
			// No effect, but it shows a create that nobody had looked up before: a checker sees effects only.
			err := s.ledger.Append(s.entry(existing, ledger.TaskRefused, map[string]any{"idempotencyKey": key}))
			if err != nil {
				return refuse(http.StatusInternalServerError, err.Error())
			}
			return answer(http.StatusConflict, errorBody{Error: "The external id is in use.", ExistingID: existing.ID})
		}
		t, err := s.makeTask(made, key, viaAPI)
		if err != nil {
			return refuse(http.StatusInternalServerError, err.Error())
		}
		return answer(http.StatusCreated, t.Task)
	})
}

// addNote adds a note to a task.
func (s *Server) addNote(asked request) reply {
	if asked.query != "" {
		return noQuery()
	}
	t := s.task(asked.id)
	if t == nil {
		return refuse(http.StatusNotFound, "The task does not exist.")
	}
	return s.once(OpNote+" "+t.ID, asked, func(key string) reply {
		if !strict.IsJSON(asked.contentType) {
			return refuse(http.StatusBadRequest, "The content type is not application/json in UTF-8.")
		}
		fields, err := strict.Object(asked.body)
		if err != nil {
			return refuse(http.StatusBadRequest, err.Error())
		}
		problems := strict.Problems{}
		for name := range fields {
			if name != "text" {
				problems.Add(name, "The field is unknown.")
			}
		}
		text, ok := strict.Text(fields["text"])
		if !ok || text == "" {
			problems.Add("text", "The field is required and is text.")
		}
		if len(problems) > 0 {
			return invalid(http.StatusUnprocessableEntity, "The note cannot be added.", problems)
		}
		note := Note{ID: s.nextID("N"), Text: text, At: s.next()}
		err = s.ledger.Append(s.entry(t, ledger.NoteAdded, map[string]any{
			"noteId": note.ID, "idempotencyKey": key, "text": text,
		}))
		if err != nil {
			return refuse(http.StatusInternalServerError, err.Error())
		}
		t.notes = append(t.notes, note)
		s.touch(t, note.At)
		return answer(http.StatusCreated, map[string]string{"id": note.ID})
	})
}
