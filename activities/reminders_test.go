package activities

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
)

func TestTheReminderIsOneNotePerRoundUntilAllIsApproved(t *testing.T) {
	j := newJob(t, "a", "b", "c")
	j.entry().ApprovedOnly = true
	approve := func(which ...int) {
		for i, id := range j.entries {
			entry := timeEntry(id, "a")
			entry.Approved = slices.Contains(which, i)
			j.must(j.hillava.EditTimeEntry(j.taskID, entry))
		}
	}
	life := "one"
	remind := func(round int) int {
		return good(j.world, j.RemindUnapproved, runs.ReminderInput{NoticeRef: j.ref(101), TaskID: j.taskID, Life: life, Round: round}).Unapproved
	}
	approve()
	require.Equal(t, 3, remind(1))
	require.Equal(t, 3, remind(1))
	approve(0)
	require.Equal(t, 2, remind(2))
	require.Len(t, j.notes(j.taskID), 2)
	require.Contains(t, j.notes(j.taskID)[0], "3 tuntikirjausta")
	require.Contains(t, j.notes(j.taskID)[1], "2 tuntikirjausta")

	approve(0, 1, 2)
	require.Zero(t, remind(3), "the last was approved since the plan")
	require.Len(t, j.notes(j.taskID), 2)

	approve()
	life = "another"
	require.Equal(t, 3, remind(1))
	require.Len(t, j.notes(j.taskID), 3, "another life begins at round 1")
}

func TestLaskutettuThatIsMissingIsNotedOncePerRound(t *testing.T) {
	j := newJob(t)
	since := j.now().AddDate(0, 0, -30)
	due := func(round int) runs.UninvoicedInput {
		return runs.UninvoicedInput{NoticeRef: j.ref(101), TaskID: j.taskID, Since: since, Round: round, Every: time.Hour}
	}
	require.Zero(t, good(j.world, j.RemindUninvoiced, due(1)), "nobody wants it any more")
	j.entry().RemindUninvoiced = 48 * time.Hour
	for _, round := range []int{1, 1, 2} {
		require.Equal(t, runs.Reminded{Noted: true, Every: 48 * time.Hour}, good(j.world, j.RemindUninvoiced, due(round)))
	}
	require.Len(t, j.notes(j.taskID), 2)
	require.Contains(t, j.notes(j.taskID)[0], "ei ole vielä Laskutettu")

	other := due(3)
	other.Customer = "tuntematon"
	require.Equal(t, runs.Reminded{Every: time.Hour}, good(j.world, j.RemindUninvoiced, other), "an entry that is gone may come back")
	j.must(j.hillava.Transition(j.taskID, "Laskutettu"))
	require.Equal(t, runs.Reminded{Every: 48 * time.Hour}, good(j.world, j.RemindUninvoiced, due(3)), "its webhook is on its way")
	require.Len(t, j.notes(j.taskID), 2)
	again := due(3)
	again.Since = j.now().AddDate(0, 0, 1)
	again.Round = 1
	require.True(t, good(j.world, j.RemindUninvoiced, again).Noted, "it was of the life before")
	require.Len(t, j.notes(j.taskID), 3, "and its key as well")

	j.must(j.hillava.DeleteTask(j.taskID))
	_, failure := run(j.world, j.RemindUninvoiced, due(4))
	requireReason(t, runs.ReasonTaskGone, failure)
}

func TestTehtySaysWhetherTheOfficeWantsToBeReminded(t *testing.T) {
	j := newJob(t)
	tehty := runs.SetStateInput{NoticeRef: j.ref(101), State: "Tehty"}
	j.entry().RemindUninvoiced = 48 * time.Hour
	require.Zero(t, good(j.world, j.SetState, runs.SetStateInput{NoticeRef: j.ref(101), State: "Vastaanotettu"}).RemindAfter)
	require.Equal(t, 48*time.Hour, good(j.world, j.SetState, tehty).RemindAfter)
	require.Equal(t, 48*time.Hour, good(j.world, j.SetState, tehty).RemindAfter, "also in the attempt that finds it set")
}
