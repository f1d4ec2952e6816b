package notice_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

var update = flag.Bool("update", false, "write testdata/tasks/*.json anew: read the difference before committing it")

// goldenTask is a task as it is written to testdata/tasks: the fields by their names in Hillava.
type goldenTask struct {
	ExternalID         string          `json:"externalId"`
	TaskTypeID         string          `json:"taskTypeId"`
	Title              string          `json:"title"`
	Description        string          `json:"description"`
	AdditionalInfo     string          `json:"additionalInfo"`
	StartDate          string          `json:"startDate"`
	EndDate            string          `json:"endDate"`
	WorkloadHours      float64         `json:"workloadHours"`
	DeliveryCustomerID string          `json:"deliveryCustomerId"`
	BillingCustomerID  string          `json:"billingCustomerId"`
	DeliveryAddress    *notice.Address `json:"deliveryAddress"`
	BillingReference   string          `json:"billingReference"`
}

func TestEachSharedNoticeBecomesItsGoldenTask(t *testing.T) {
	for _, n := range sharedNotices(t) {
		t.Run(n.about, func(t *testing.T) {
			options := plainOptions()
			options.Tunniste = n.customer
			task := notice.BuildTask(n.Notice, sharedProperty(t, n.PropertyID), options)
			got, err := json.MarshalIndent(goldenTask{
				task.ExternalID, task.TaskTypeID, task.Title, task.Description, task.AdditionalInfo, task.Start.Wire(),
				task.End.Wire(), task.WorkloadHours, task.DeliveryCustomerID, task.BillingCustomerID, task.DeliveryAddress,
				task.BillingReference,
			}, "", " ")
			require.NoError(t, err)
			path := filepath.Join("testdata", "tasks", fmt.Sprintf("%s-%d.json", n.customer, n.ID))
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, append(got, '\n'), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "run go test ./internal/notice -update, then read what it wrote")
			require.Equal(t, string(want), string(got)+"\n")
		})
	}
}
