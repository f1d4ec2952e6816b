package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/web"
)

// What follows is what people do in both systems and see there.

// ExampleNotice is a notice with everything filled in, as an office would write it; every call makes a new Guid.
func ExampleNotice() map[string]any {
	now := time.Now()
	return map[string]any{
		"Guid": uuid.NewString(), "IlmoitusTehty": now.Format(time.RFC3339Nano),
		"Vikaluokka": "LVI / Vesikalusteet", "Kiireellisyys": "Normaali",
		"SuoritusaikaAikaisintaan": now.Add(24 * time.Hour).Format(time.RFC3339), "SuoritusaikaViimeistään": now.Add(72 * time.Hour).Format(time.RFC3339),
		"TyöValmisViimeistään": now.Add(96 * time.Hour).Format(time.RFC3339),
		"KohdeId":              1207, "Kiinteistö": "Asunto Oy Testipolku 4", "HuoneistoId": 88121, "Huoneisto": "A 12",
		"KirjaajaId": 31, "KirjaajaNimi": "Testi Kirjaaja",
		"TyötehtävänOtsikko": "Keittiön hana vuotaa", "TyötehtävänKuvaus": "Hana tippuu jatkuvasti, myös suljettuna.",
		"TyötehtävänLisätiedot": "Soita ennen tuloa.", "Sisäänpääsy": "Saa mennä yleisavaimella", "Kotieläimet": "Koira",
		"Tilaaja": "Testi Tilaaja", "TilaajanPuhelin": "+358 40 000 0001", "TilaajanSähköposti": "tilaaja@example.com", "TilaajanTurvakielto": false,
		"Ilmoittaja": "Testi Ilmoittaja", "IlmoittajanPuhelin": "+358 40 000 0002", "IlmoittajanSähköposti": "ilmoittaja@example.com", "IlmoittajanTurvakielto": false,
		"Maksaja": "Asunto Oy Testipolku 4", "MaksajanTurvakielto": false,
	}
}

// Notice reads one notice from the stand-in.
func (s *Stack) Notice(tunniste string, id int64) (map[string]any, error) {
	return s.Tampuuri.Notice(tunniste, id)
}

// State is the notice's state (Tila), "" when there is no such notice.
func (s *Stack) State(tunniste string, id int64) string {
	notice, err := s.Notice(tunniste, id)
	if err != nil {
		return ""
	}
	state, _ := notice["Tila"].(string)
	return state
}

// Tasks returns the tasks that Hillava has of a notice: never more than one, if all is well.
func (s *Stack) Tasks(tunniste string, id int64) ([]hillava.TaskDump, error) {
	notice, err := s.Notice(tunniste, id)
	if err != nil {
		return nil, err
	}
	return s.Hillava.TasksOf(web.ExternalID(tunniste, notice)), nil
}

// WaitTask waits until Hillava has a task of the notice.
func (s *Stack) WaitTask(ctx context.Context, tunniste string, id int64) (hillava.TaskDump, error) {
	var task hillava.TaskDump
	err := WaitFor(ctx, fmt.Sprintf("the task of notice %s/%d", tunniste, id), func(context.Context) error {
		found, err := s.Tasks(tunniste, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errors.New("Hillava has no task of it")
		}
		task = found[0]
		return nil
	})
	return task, err
}

// WaitState waits until the notice has that state in Tampuuri.
func (s *Stack) WaitState(ctx context.Context, tunniste string, id int64, state string) error {
	return WaitFor(ctx, fmt.Sprintf("notice %s/%d to be %s", tunniste, id, state), func(context.Context) error {
		if now := s.State(tunniste, id); now != state {
			return fmt.Errorf("it is %s", now)
		}
		return nil
	})
}

// WaitWorkflow waits until the notice's workflow has that status (Running, Completed, …) and phase; "" is any.
func (s *Stack) WaitWorkflow(ctx context.Context, c client.Client, tunniste string, id int64, status, phase string) (Workflow, error) {
	workflowID, err := s.WorkflowID(tunniste, id)
	if err != nil {
		return Workflow{}, err
	}
	var found Workflow
	err = WaitFor(ctx, fmt.Sprintf("workflow %s to be %s %s", workflowID, status, phase), func(ctx context.Context) error {
		if found, err = Describe(ctx, c, workflowID); err != nil {
			return err
		}
		if status != "" && found.Status != status || phase != "" && found.Phase != phase {
			return fmt.Errorf("it is %s in phase %q", found.Status, found.Phase)
		}
		return nil
	})
	return found, err
}
