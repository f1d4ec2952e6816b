package ledger_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/ledger"
)

func noticeCreated(id int) ledger.Entry {
	return ledger.Entry{
		System: ledger.Tampuuri, Customer: "esimerkki", Kind: ledger.NoticeCreated, Key: fmt.Sprint(id),
		Detail: map[string]any{"noticeId": id},
	}
}

func TestTheFileHoldsOneLinePerEntryAndIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	first, err := ledger.Open(path)
	require.NoError(t, err)
	require.NoError(t, first.Append(noticeCreated(1), noticeCreated(2)))
	require.NoError(t, first.Append(noticeCreated(3)))
	written := first.Entries()
	require.NoError(t, first.Close())

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 3, bytes.Count(text, []byte("\n")))

	again, err := ledger.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, again.Close()) }()
	require.Equal(t, written, again.Entries(), "what is read from the file is what was in memory, types included")
	require.NoError(t, again.Append(noticeCreated(4)))
	require.Equal(t, int64(4), again.Entries()[3].Seq, "numbering goes on")
}

func TestALineCutShortByAKillIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l, err := ledger.Open(path)
	require.NoError(t, err)
	require.NoError(t, l.Append(noticeCreated(1)))
	require.NoError(t, l.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	torn := append([]byte(`{"seq":2,"key":"`), bytes.Repeat([]byte("1"), 1000)...) // longer than what comes in its place
	require.NoError(t, os.WriteFile(path, append(bytes.Clone(whole), torn...), 0o600))

	l, err = ledger.Open(path)
	require.NoError(t, err)
	require.Len(t, l.Entries(), 1)
	require.NoError(t, l.Append(noticeCreated(2)))
	require.NoError(t, l.Close())
	mended, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.HasSuffix(mended, []byte("}\n")), "a checker that reads the file itself finds whole lines only")
	l, err = ledger.Open(path)
	require.NoError(t, err)
	require.Len(t, l.Entries(), 2)
	require.NoError(t, l.Close())
}

func TestAFileThatIsNoLedgerIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("hello\n"), 0o600))
	_, err := ledger.Open(path)
	require.ErrorContains(t, err, "line 1")
}

func TestAnEntryThatCannotBeWrittenAddsNothing(t *testing.T) {
	l, err := ledger.Open("")
	require.NoError(t, err)
	require.Error(t, l.Append(noticeCreated(1), ledger.Entry{Detail: map[string]any{"call": func() {}}}))
	require.Empty(t, l.Entries())
}

func TestConcurrentAppendsAreNumberedWithoutGaps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l, err := ledger.Open(path)
	require.NoError(t, err)
	changed := l.Changed()
	var writers sync.WaitGroup
	for i := range 20 {
		writers.Go(func() {
			if err := l.Append(noticeCreated(i)); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	<-changed
	require.NoError(t, l.Close())
	l, err = ledger.Open(path)
	require.NoError(t, err)
	for i, entry := range l.Entries() {
		require.Equal(t, int64(i+1), entry.Seq)
	}
	require.Len(t, l.Entries(), 20)
	require.NoError(t, l.Close())
}
