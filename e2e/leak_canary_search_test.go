package e2e

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"tampuuri-hillava/sandbox/accesslog"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
)

// attackTheReceiver sends webhooks with markers wherever a sender can put a text.
func (c *canaryRun) attackTheReceiver() {
	secret, err := os.ReadFile(filepath.Join(c.Dir, "secrets", "webhook-secret"))
	require.NoError(c.t, err)
	leak := strings.Join(strings.Fields(c.leaks["protected"]), " ")
	plain := c.all[0].core // letters alone, so it passes for an id
	event := func(kind string, externalID string) []byte {
		return asJSON(c.t, map[string]any{
			"type": kind, "timestamp": time.Now().UTC().Format(time.RFC3339), "person": leak, leak: leak,
			"data": map[string]any{"taskId": leak, "externalId": externalID, "transition": leak, "description": leak, leak: []string{leak}},
		})
	}
	sign := func(id string, body []byte) (string, string) {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(secret), "whsec_"))
		require.NoError(c.t, err)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + at + "."))
		mac.Write(body)
		return at, "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	post := func(id, signature, path string, body []byte) (status int, text []byte) {
		at, signed := sign(id, body)
		if signature != "" {
			signed = signature
		}
		request, err := http.NewRequestWithContext(c.context(), http.MethodPost, strings.TrimSuffix(c.WebhookURL, "/webhooks/hillava")+path, bytes.NewReader(body))
		require.NoError(c.t, err)
		for name, value := range map[string]string{
			"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signed,
			"User-Agent": leak, "Cookie": "name=" + plain, "X-Forwarded-For": plain, "X-Request-Id": plain,
		} {
			request.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(request)
		require.NoError(c.t, err)
		text, err = io.ReadAll(answer.Body)
		require.NoError(c.t, err)
		require.NoError(c.t, answer.Body.Close())
		c.keep("the receiver's answers", append(text, fmt.Sprint(answer.Header)...))
		return answer.StatusCode, text
	}
	send := func(want int, id, signature, path string, body []byte) {
		status, text := post(id, signature, path, body)
		for range 10 { // as Hillava does: a busy machine's Temporal may need more than its 5 seconds
			if status != http.StatusServiceUnavailable {
				break
			}
			status, text = post(id, signature, path, body)
		}
		require.Equal(c.t, want, status, string(text))
	}
	const ours = "/webhooks/hillava"
	send(202, "canary-1", "", ours, event("task.done", c.guids["late"]))
	send(202, "canary-2", "", ours, event(plain, c.guids["late"]))
	send(202, "canary-3", "", ours, event(leak, c.guids["late"]))
	send(404, "canary-4", "", ours, event("task.done", plain))
	send(404, "canary-5", "", ours, event("task.done", leak))
	send(400, "canary-6", "", ours, []byte(`{"type":"task.done","timestamp":"`+leak+`"}`))
	send(400, "canary-7", "", ours, []byte(leak))
	send(400, "canary 8 "+plain, "", ours, event("task.done", c.guids["late"]))
	send(401, "canary-9", "v1,"+leak, ours, event("task.done", c.guids["late"]))
	send(413, "canary-10", "", ours, bytes.Repeat([]byte(leak), 1+(64<<10)/len(leak)))
	send(404, "canary-11", "", "/"+plain+"?q="+url.QueryEscape(leak), nil)
	c.rawRequest("GET /" + plain + " HTTP/1.1\r\nHost: x\r\nBad Header " + leak + ": x\r\n\r\n")
	c.rawRequest(leak + "\r\n\r\n")
	c.rawRequest("\x16\x03\x01" + leak)
}

// rawRequest sends bytes to the receiver and keeps the answer.
func (c *canaryRun) rawRequest(text string) {
	connection, err := net.Dial("tcp", c.WebhookAddr)
	require.NoError(c.t, err)
	defer connection.Close()
	_, err = connection.Write([]byte(text))
	require.NoError(c.t, err)
	require.NoError(c.t, connection.SetReadDeadline(time.Now().Add(10*time.Second)))
	answer, err := io.ReadAll(connection)
	if !errors.Is(err, os.ErrDeadlineExceeded) { // a reset is an answer too
		c.keep("the receiver's answers", answer)
	}
}

// gather collects every place, then stops everything and reads the files.
func (c *canaryRun) gather() {
	for _, program := range []*stack.Program{c.Worker, c.Serve} {
		for _, page := range []string{"/metrics", "/readyz", "/healthz"} {
			c.keep(program.Name+page, c.get(program.OpsURL+page))
		}
	}
	c.gatherTemporal()
	c.gatherWebUI()
	c.eraseOne("edited")
	c.gatherTemporal()
	c.gatherWebUI()
	c.keep("Tampuuri's access log", requestLines(c.t.Fatalf, c.Tampuuri.AccessLog()))
	c.keep("Hillava's access log", requestLines(c.t.Fatalf, c.Hillava.AccessLog()))
	for _, request := range append(c.tampuuri.requests(), c.hillava.requests()...) {
		c.keep("URLs and headers on the wire", []byte(request.method+" "+request.uri+"\n"))
		for name, values := range request.header {
			if !isCredential(name) {
				c.keep("URLs and headers on the wire", fmt.Appendln(nil, name, values))
			}
		}
	}
	ctx := c.context()
	require.NoError(c.t, c.Worker.Stop(ctx))
	require.NoError(c.t, c.Serve.Stop(ctx))
	require.NoError(c.t, c.own.Stop(ctx))
	c.keep("traces", c.collector.Everything())
	for _, span := range []string{"webhook", "signal tyo-valmis", "CreateTask", "FollowNotice", "tampuuri: set state", "hillava: add note"} {
		require.NotEmpty(c.t, named(c.collector.Spans(), span), "or its spans were not searched")
	}
	for place, pattern := range map[string]string{
		"the worker's log": c.Worker.LogPath, "starter serve's log": c.Serve.LogPath, "Temporal's log": c.own.LogPath(), "Temporal's database": c.database + "*",
	} {
		files, err := filepath.Glob(pattern)
		require.NoError(c.t, err)
		require.NotEmpty(c.t, files, place)
		for _, file := range files {
			content, err := os.ReadFile(file)
			require.NoError(c.t, err)
			c.keep(place, content)
		}
	}
	require.Contains(c.t, string(c.said["the worker's log"]), "level=DEBUG", "or the debug level was not searched")
	require.Contains(c.t, string(c.said["Temporal's database"]), c.guids["plain"], "or it is not the database that was used")
}

func isCredential(header string) bool {
	return slices.Contains([]string{"Authorization", "X-Tampuuriavain", "X-Asiakasnimi", "X-Tilinnimi", "X-Kayttajatunnus", "X-Salasana"}, http.CanonicalHeaderKey(header))
}

func requestLines(fail func(string, ...any), requests []accesslog.Request) []byte {
	text, err := json.Marshal(requests)
	if err != nil || len(requests) == 0 {
		fail("an access log cannot be read, or is empty: %v", err)
	}
	return text
}

func (c *canaryRun) get(address string) []byte {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.context(), http.MethodGet, address, nil)
	require.NoError(c.t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, answer.StatusCode, "%s: %s", address, text)
	return text
}

// gatherTemporal reads every run of every workflow with its history, memo and search attributes, and every schedule, with
// payloads decoded.
func (c *canaryRun) gatherTemporal() {
	ctx := c.context()
	runs := 0
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: c.own.Namespace}
	for {
		page, err := c.client.ListWorkflow(ctx, request)
		require.NoError(c.t, err)
		c.keep("workflow lists", c.decoded(page))
		for _, run := range page.GetExecutions() {
			runs++
			id, runID := run.GetExecution().GetWorkflowId(), run.GetExecution().GetRunId()
			described, err := c.client.DescribeWorkflowExecution(ctx, id, runID)
			require.NoError(c.t, err)
			c.keep("workflow descriptions", c.decoded(described))
			events := c.client.GetWorkflowHistory(ctx, id, runID, false, 0)
			for events.HasNext() {
				event, err := events.Next()
				require.NoError(c.t, err)
				c.keep("histories", c.decoded(event))
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			break
		}
	}
	require.Greater(c.t, runs, len(c.guids), "notices and rounds are there")
	schedules, err := c.client.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	require.NoError(c.t, err)
	for schedules.HasNext() {
		entry, err := schedules.Next()
		require.NoError(c.t, err)
		described, err := c.client.WorkflowService().DescribeSchedule(ctx, &workflowservice.DescribeScheduleRequest{Namespace: c.own.Namespace, ScheduleId: entry.ID})
		require.NoError(c.t, err)
		c.keep("schedules", c.decoded(described))
	}
	require.Contains(c.t, string(c.said["schedules"]), "sync-customers")
	require.Contains(c.t, string(c.said["workflow descriptions"]), "CustomerRound", "a customer's rounds stand in its description, not in its history")
	workflows := []string{"customer-esimerkki", "customer-toinen"}
	for _, guid := range c.kept() {
		workflows = append(workflows, "notice-"+guid)
	}
	for _, workflowID := range workflows {
		status, err := c.client.QueryWorkflow(ctx, workflowID, "", "status")
		require.NoError(c.t, err)
		var answer json.RawMessage
		require.NoError(c.t, status.Get(&answer))
		c.keep("status queries", answer)
	}
}

// decoded is a message of Temporal's in JSON with its payloads decoded, as well as encoded.
func (c *canaryRun) decoded(message proto.Message) []byte {
	c.t.Helper()
	text, err := protojson.Marshal(message)
	require.NoError(c.t, err)
	plain := payloadData.ReplaceAllFunc(text, func(field []byte) []byte {
		decoded, err := base64.StdEncoding.DecodeString(string(payloadData.FindSubmatch(field)[1]))
		require.NoError(c.t, err)
		return decoded
	})
	return append(text, plain...)
}

var payloadData = regexp.MustCompile(`"data":\s*"([A-Za-z0-9+/=]*)"`)

// gatherWebUI asks the Web UI's HTTP interface what its pages show.
func (c *canaryRun) gatherWebUI() {
	base := c.own.UIURL + "/api/v1/namespaces/" + c.own.Namespace
	c.keep("the Web UI", c.get(base+"/workflows?pageSize=200"))
	c.keep("the Web UI", c.get(base+"/schedules"))
	for _, guid := range c.kept() {
		workflow := base + "/workflows/notice-" + guid
		c.keep("the Web UI", c.get(workflow))
		c.keep("the Web UI", c.get(workflow+"/history?maximumPageSize=500"))
	}
	require.Contains(c.t, string(c.said["the Web UI"]), c.guids["plain"])
}

// report searches every place and fails with what was found.
func (c *canaryRun) report() {
	c.addSecrets()
	everyone := func(canary) bool { return true }
	var found []finding
	total := 0
	for _, place := range sortedKeys(c.said) {
		content := c.said[place]
		c.t.Logf("%9d bytes searched in %s", len(content), place)
		total += len(content)
		require.NotEmpty(c.t, content, place)
		found = append(found, c.search(place, content, everyone)...)
	}
	outside := c.beyondTampuuri()
	for _, place := range sortedKeys(outside) {
		c.t.Logf("%9d bytes searched for protected people in %s", len(outside[place]), place)
		total += len(outside[place])
		found = append(found, c.search(place, outside[place], func(one canary) bool { return one.protected || one.secret })...)
	}
	found = append(found, c.neverNeeded(outside)...)
	misplaced, carrying := c.misplaced()
	found = append(found, misplaced...)
	c.t.Logf("%d requests that may carry markers, and all others, hold no other ones than they may", carrying)
	c.t.Logf("%d bytes in %d places searched for %d markers (%d of them of protected people, %d credentials) in every form",
		total, len(c.said)+len(outside), len(c.all), c.count(func(one canary) bool { return one.protected }), c.count(func(one canary) bool { return one.secret }))
	for _, one := range found {
		c.t.Errorf("LEAK: %s", one)
	}
}

func (c *canaryRun) count(pick func(canary) bool) int {
	count := 0
	for _, one := range c.all {
		if pick(one) {
			count++
		}
	}
	return count
}

// addSecrets makes markers of the credentials that this run has made for itself.
func (c *canaryRun) addSecrets() {
	files, err := filepath.Glob(filepath.Join(c.Dir, "secrets", "*"))
	require.NoError(c.t, err)
	require.NotEmpty(c.t, files)
	for _, file := range files {
		value, err := os.ReadFile(file)
		require.NoError(c.t, err)
		core := strings.TrimPrefix(strings.TrimSpace(string(value)), "whsec_")
		c.all = append(c.all, canary{notice: "none", field: filepath.Base(file), core: core, secret: true})
	}
}

// beyondTampuuri is everything that left for, or is held by, anybody but Tampuuri: nothing of a protected person may be there.
func (c *canaryRun) beyondTampuuri() map[string][]byte {
	var bodies, written, effects bytes.Buffer
	for _, request := range c.hillava.requests() {
		bodies.Write(request.body)
	}
	for _, request := range c.tampuuri.requests() {
		written.Write(request.body)
	}
	for _, entry := range c.Ledger.Entries() {
		if entry.System == ledger.Hillava {
			effects.Write(asJSON(c.t, entry))
		}
	}
	return map[string][]byte{
		"request bodies to Hillava": bodies.Bytes(), "request bodies to Tampuuri": written.Bytes(),
		"Hillava's tasks and notes": asJSON(c.t, c.Hillava.Tasks()), "Hillava's effects": effects.Bytes(),
	}
}

// neverNeeded looks for what no task needs, whoever it is of: the registrar, the contact person, the performer's person,
// payers and people's own addresses.
func (c *canaryRun) neverNeeded(outside map[string][]byte) []finding {
	var found []finding
	for place, content := range outside {
		found = append(found, c.search(place, content, func(one canary) bool {
			for _, field := range []string{"KirjaajaNimi", "TyotehtavanYhteysHenkilo", "TyonsuorittajaHenkiloNimi", "Maksaja", "katuosoite", "Postinumero", "Postitoimipaikka"} {
				if strings.HasPrefix(one.field, field) || strings.HasSuffix(strings.ToLower(one.field), strings.ToLower(field)) {
					return true
				}
			}
			return false
		})...)
	}
	return found
}

func sortedKeys(places map[string][]byte) []string {
	var names []string
	for name := range places {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
