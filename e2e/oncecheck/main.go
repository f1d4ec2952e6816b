// Command oncecheck judges what `go run ./sandbox --once --json` prints: one notice that has gone through everything, as
// the three systems hold it in the end.
//
//	go run ./sandbox --once --json | go run ./e2e/oncecheck
//
// It prints what is not as it should be and exits 1, or 2 when it cannot read the JSON. It shares no code with the sandbox,
// which checks its own run with its own types: names and shapes are written out here from the contract, and the task's
// fields are worked out anew from the notice beside it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

const (
	exitGood   = 0
	exitFound  = 1
	exitFailed = 2
)

// mostEvents is what a notice with one time entry may cost in Temporal.
const mostEvents = 46

func main() { os.Exit(run(os.Stdin, os.Stdout, os.Stderr)) }

func run(in io.Reader, out, messages io.Writer) int {
	var s snapshot
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&s); err != nil {
		fmt.Fprintln(messages, "oncecheck: read the JSON of --once --json from stdin:", err)
		return exitFailed
	}
	if _, err := decoder.Token(); err != io.EOF {
		fmt.Fprintln(messages, "oncecheck: there is more than one JSON value on stdin")
		return exitFailed
	}
	problems := s.problems()
	for _, problem := range problems {
		fmt.Fprintln(messages, "oncecheck:", problem)
	}
	if len(problems) > 0 {
		return exitFound
	}
	if _, err := fmt.Fprintf(out, "As it should be: one notice Valmis with %d toimenpide, notified twice, one task, one workflow invoiced with %d events, %.1f s.\n",
		len(s.Hillava.Tasks[0].TimeEntries), s.Temporal.Workflows[0].HistoryEvents, s.Seconds); err != nil {
		fmt.Fprintln(messages, "oncecheck:", err)
		return exitFailed
	}
	return exitGood
}

// snapshot is the JSON of `go run ./sandbox --once --json`, as far as it is judged.
type snapshot struct {
	Tampuuri struct {
		Notices []notice `json:"notices"`
	} `json:"tampuuri"`
	Hillava struct {
		Tasks []task `json:"tasks"`
	} `json:"hillava"`
	Temporal struct {
		Workflows []workflow `json:"workflows"`
	} `json:"temporal"`
	Seconds float64 `json:"seconds"`
}

// notice in wire spelling.
type notice struct {
	ID           int64  `json:"Id"`
	GUID         string `json:"Guid"`
	State        string `json:"Tila"`
	Toimenpiteet []struct {
		Date     string `json:"Paivamaara"`
		Resource string `json:"Resurssi"`
		Summary  string `json:"Yhteenveto"`
	} `json:"Toimenpiteet"`
	Notified []struct {
		State string `json:"Tila"`
	} `json:"Ilmoitukset"`
	Space       string `json:"Huoneisto"`
	Title       string `json:"TyötehtävänOtsikko"`
	Description string `json:"TyötehtävänKuvaus"`
	Additional  string `json:"TyötehtävänLisätiedot"`
	Access      string `json:"Sisäänpääsy"`
	Pets        string `json:"Kotieläimet"`
	PropertyID  int64  `json:"KohdeId"`
	Earliest    string `json:"SuoritusaikaAikaisintaan"`
	Latest      string `json:"SuoritusaikaViimeistään"`
	Orderer     string `json:"Tilaaja"`
	OrdererTel  string `json:"TilaajanPuhelin"`
	OrdererMail string `json:"TilaajanSähköposti"`
	Reporter    string `json:"Ilmoittaja"`
	ReporterTel string `json:"IlmoittajanPuhelin"`
	ReportMail  string `json:"IlmoittajanSähköposti"`
}

type task struct {
	ExternalID         string            `json:"externalId"`
	TaskTypeID         string            `json:"taskTypeId"`
	TargetID           *string           `json:"targetId"`
	Title              string            `json:"title"`
	Description        string            `json:"description"`
	AdditionalInfo     string            `json:"additionalInfo"`
	StartDate          string            `json:"startDate"`
	EndDate            string            `json:"endDate"`
	WorkloadHours      float64           `json:"workloadHours"`
	DeliveryCustomerID string            `json:"deliveryCustomerId"`
	BillingCustomerID  string            `json:"billingCustomerId"`
	DeliveryAddress    map[string]string `json:"deliveryAddress"`
	BillingReference   string            `json:"billingReference"`
	TimeEntries        []struct {
		Date     string `json:"date"`
		Resource struct {
			Name string `json:"name"`
		} `json:"resource"`
		Summary string `json:"customerSummary"`
	} `json:"timeEntries"`
}

type workflow struct {
	WorkflowID    string `json:"workflowId"`
	Status        string `json:"status"`
	Phase         string `json:"phase"`
	HistoryEvents int64  `json:"historyEvents"`
}
