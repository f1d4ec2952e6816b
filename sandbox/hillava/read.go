package hillava

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"tampuuri-hillava/sandbox/strict"
)

const mostRows = 100 // of one list page

// list is the shape of every list.
type list[T any] struct {
	Items []T `json:"items"`
	Total int `json:"total"`
}

// paged cuts the page that was asked for out of all rows.
func paged[T any](all []T, offset, limit int) list[T] {
	from := min(offset, len(all))
	to := min(from+limit, len(all))
	return list[T]{Items: append([]T{}, all[from:to]...), Total: len(all)}
}

func badQuery(problems strict.Problems) reply {
	return invalid(http.StatusBadRequest, "The query is not valid.", problems)
}

func noQuery() reply {
	return badQuery(strict.Problems{"query": {"The call has no parameters."}})
}

// window reads offset and limit.
func window(values map[string]string, problems strict.Problems) (offset, limit int) {
	limit = mostRows
	if text, given := values["offset"]; given {
		count, ok := readCount(text)
		if !ok {
			problems.Add("offset", "The value is no integer from 0.")
		}
		offset = count
	}
	if text, given := values["limit"]; given {
		count, ok := readCount(text)
		if !ok || count < 1 || count > mostRows {
			problems.Add("limit", "The value is no integer from 1 to 100.")
		}
		limit = count
	}
	return offset, limit
}

var digits = regexp.MustCompile(`^(0|[1-9]\d*)$`)

func readCount(text string) (int, bool) {
	if !digits.MatchString(text) {
		return 0, false
	}
	count, err := strconv.Atoi(text)
	return count, err == nil
}

func require(values map[string]string, problems strict.Problems, name string) {
	if _, given := values[name]; !given && problems[name] == nil {
		problems.Add(name, "The parameter is required.")
	}
}

func (s *Server) listCustomers(asked request) reply {
	values, problems := strict.Query(asked.query, "customerType", "offset", "limit")
	require(values, problems, "customerType")
	offset, limit := window(values, problems)
	if len(problems) > 0 {
		return badQuery(problems)
	}
	var found []Customer
	for _, c := range s.customers {
		if c.CustomerType == values["customerType"] {
			found = append(found, c)
		}
	}
	return answer(http.StatusOK, paged(found, offset, limit))
}

func (s *Server) listTaskTypes(asked request) reply {
	values, problems := strict.Query(asked.query, "identifier")
	require(values, problems, "identifier")
	if len(problems) > 0 {
		return badQuery(problems)
	}
	var found []TaskType
	for _, t := range s.taskTypes {
		if t.Identifier == values["identifier"] {
			found = append(found, t)
		}
	}
	return answer(http.StatusOK, paged(found, 0, len(found)))
}

func (s *Server) readProcess(asked request) reply {
	if asked.query != "" {
		return noQuery()
	}
	for _, p := range s.processes {
		if p.ID == asked.id {
			return answer(http.StatusOK, p)
		}
	}
	return refuse(http.StatusNotFound, "The process does not exist.")
}

// findTask finds by exact external id. The list is unpaged: an external id is used once.
func (s *Server) findTask(asked request) reply {
	values, problems := strict.Query(asked.query, "externalId")
	if len(problems) > 0 {
		return badQuery(problems)
	}
	found := []Task{}
	if t := s.byExternalID(values["externalId"]); t != nil {
		found = append(found, t.Task)
	}
	return answer(http.StatusOK, paged(found, 0, len(found)))
}

// utcShape is RFC 3339 in UTC.
var utcShape = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$`)

func (s *Server) changedTasks(asked request) reply {
	values, problems := strict.Query(asked.query, "taskType", "modifiedSince", "offset", "limit")
	require(values, problems, "taskType")
	offset, limit := window(values, problems)
	var since time.Time
	if text, given := values["modifiedSince"]; given {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || !utcShape.MatchString(text) {
			problems.Add("modifiedSince", "The value is no time like 2026-02-03T06:00:00Z.")
		}
		since = at
	}
	if len(problems) > 0 {
		return badQuery(problems)
	}
	var found []Task
	for _, t := range s.tasks {
		kind, _ := s.taskType(t.TaskTypeID)
		if kind.Identifier == values["taskType"] && !t.ModifiedAt.Before(since) {
			found = append(found, t.Task)
		}
	}
	slices.SortFunc(found, func(x, y Task) int {
		return cmp.Or(x.ModifiedAt.Compare(y.ModifiedAt), cmp.Compare(x.ID, y.ID))
	})
	return answer(http.StatusOK, paged(found, offset, limit))
}

func (s *Server) readTask(asked request) reply {
	if asked.query != "" {
		return noQuery()
	}
	t := s.task(asked.id)
	if t == nil {
		return refuse(http.StatusNotFound, "The task does not exist.")
	}
	return answer(http.StatusOK, t.Task)
}

func (s *Server) timeEntries(asked request) reply {
	if asked.query != "" {
		return noQuery()
	}
	t := s.task(asked.id)
	if t == nil {
		return refuse(http.StatusNotFound, "The task does not exist.")
	}
	return answer(http.StatusOK, paged(t.entries, 0, len(t.entries)))
}
