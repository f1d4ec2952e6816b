package webhook

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/api"
)

const maxEventID = 255 // characters of a webhook-id

func seconds(offset time.Duration) string {
	return strconv.FormatInt(testNow.Add(offset).Unix(), 10)
}

func TestAttacksOnTheSignature(t *testing.T) {
	good := sign(currentKey, testEventID, seconds(0), []byte(goodBody))
	raw := strings.TrimPrefix(good, "v1,")
	mac, err := base64.StdEncoding.DecodeString(raw)
	require.NoError(t, err)
	require.Contains(t, raw, "+", "or the two alphabets of base64 would be the same")
	many := strings.TrimSuffix(strings.Repeat(sign(strangeKey, testEventID, seconds(0), []byte(goodBody))+" ", 4000), " ")
	for name, row := range map[string]struct {
		signature string
		want      int
	}{
		"good":                      {good, 202},
		"previous key":              {sign(previousKey, testEventID, seconds(0), []byte(goodBody)), 202},
		"another key":               {sign(strangeKey, testEventID, seconds(0), []byte(goodBody)), 401},
		"another and good":          {sign(strangeKey, testEventID, seconds(0), []byte(goodBody)) + " " + good, 202},
		"v2 and good":               {"v2," + raw + " " + good, 202},
		"asymmetric and good":       {"v1a," + raw + " " + good, 202},
		"good after doubled spaces": {"   " + good, 202},
		"empty":                     {"", 401},
		"blank":                     {" ", 401},
		"v1 empty":                  {"v1,", 401},
		"v1 alone":                  {"v1", 401},
		"no version":                {raw, 401},
		"v2":                        {"v2," + raw, 401},
		"V1":                        {"V1," + raw, 401},
		"v1 with a colon":           {"v1:" + raw, 401},
		"truncated":                 {good[:len(good)-4], 401},
		"without padding":           {strings.TrimRight(good, "="), 401},
		"longer":                    {good + "AAAA", 401},
		"hex of the base64":         {"v1," + hex.EncodeToString([]byte(raw)), 401},
		"hex":                       {"v1," + hex.EncodeToString(mac), 401},
		"hex in upper case":         {"v1," + strings.ToUpper(hex.EncodeToString(mac)), 401},
		"hex as others send it":     {"sha256=" + hex.EncodeToString(mac), 401},
		"hex of half the MAC":       {"v1," + hex.EncodeToString(mac[:22]), 401}, // as long as the base64 of all of it
		"base64 for URLs":           {"v1," + base64.URLEncoding.EncodeToString(mac), 401},
		"raw bytes":                 {"v1," + string(mac), 401},
		"of another body":           {sign(currentKey, testEventID, seconds(0), []byte(goodBody+" ")), 401},
		"of another id":             {sign(currentKey, "evt_2", seconds(0), []byte(goodBody)), 401},
		"of another time":           {sign(currentKey, testEventID, seconds(time.Second), []byte(goodBody)), 401},
		"with an empty key":         {sign(nil, testEventID, seconds(0), []byte(goodBody)), 401},
		"thousands":                 {many, 401},
		"thousands, good last":      {many + " " + good, 401},
		"separated by commas":       {"v1,AAAA," + good, 401},
		"not ASCII":                 {"v1,äö" + raw, 401},
		"last bit changed":          {good[:len(good)-2] + string(good[len(good)-2]^1) + "=", 401},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := newReceiver(t)
			request := signedRequest(goodBody)
			request.Header.Set(headerSignature, row.signature)
			require.Equal(t, row.want, receiver.answer(request).Code)
			require.Equal(t, row.want == 202, len(receiver.signaler.given) == 1)
		})
	}
}

func TestTheLogTellsWhichSecretMatched(t *testing.T) {
	receiver := newReceiver(t)
	request := signedRequest(goodBody)
	resign(request, previousKey, goodBody)
	require.Equal(t, 202, receiver.answer(request).Code)
	require.Contains(t, receiver.log.String(), `"secretNumber":2`)
}

func TestAttacksOnTheTime(t *testing.T) {
	for timestamp, want := range map[string]int{
		seconds(0): 202, seconds(-tolerance): 202, seconds(tolerance): 202,
		seconds(-tolerance - time.Second): 401, seconds(tolerance + time.Second): 401,
		"": 401, "0": 401, "-1": 401, "+" + seconds(0): 401, "-" + seconds(0): 401, seconds(0) + ".0": 401, seconds(0) + "e0": 401,
		"0x6984": 401, " " + seconds(0): 401, seconds(0) + " ": 401, seconds(0) + "000": 401, "99999999999999999999999": 401, "NaN": 401,
		"2026-02-05T10:00:00Z": 401, "١٢٣": 401,
	} {
		t.Run(timestamp, func(t *testing.T) {
			receiver := newReceiver(t)
			request := signedRequest(goodBody)
			request.Header.Set(headerTimestamp, timestamp)
			resign(request, currentKey, goodBody)
			require.Equal(t, want, receiver.answer(request).Code)
		})
	}
}

func TestAttacksOnHeaders(t *testing.T) {
	for name, row := range map[string]struct {
		change func(http.Header)
		resign bool
		want   int
	}{
		"doubled id":              {func(h http.Header) { h.Add(headerID, testEventID) }, true, 401},
		"doubled timestamp":       {func(h http.Header) { h.Add(headerTimestamp, seconds(0)) }, true, 401},
		"doubled signature":       {func(h http.Header) { h.Add(headerSignature, h.Get(headerSignature)) }, false, 401},
		"no id":                   {func(h http.Header) { h.Del(headerID) }, true, 401},
		"empty id":                {func(h http.Header) { h.Set(headerID, "") }, true, 401},
		"no timestamp":            {func(h http.Header) { h.Del(headerTimestamp) }, true, 401},
		"id with CR LF":           {func(h http.Header) { h.Set(headerID, "a\r\nb") }, true, 400},
		"id with a space":         {func(h http.Header) { h.Set(headerID, "a b") }, true, 400},
		"id not ASCII":            {func(h http.Header) { h.Set(headerID, "tapahtuma-ä") }, true, 400},
		"id not UTF-8":            {func(h http.Header) { h.Set(headerID, "\xff") }, true, 400},
		"id too long":             {func(h http.Header) { h.Set(headerID, strings.Repeat("a", maxEventID+1)) }, true, 400},
		"id at its limit":         {func(h http.Header) { h.Set(headerID, strings.Repeat("a", maxEventID)) }, true, 202},
		"id with dots":            {func(h http.Header) { h.Set(headerID, "msg.1.2") }, true, 202},
		"content type with UTF-8": {func(h http.Header) { h.Set("Content-Type", "Application/JSON; Charset=\"UTF-8\"") }, true, 202},
		"content type doubled":    {func(h http.Header) { h.Add("Content-Type", "application/json") }, true, 415},
		"content type missing":    {func(h http.Header) { h.Del("Content-Type") }, true, 415},
		"content type of JSON5":   {func(h http.Header) { h.Set("Content-Type", "application/json5") }, true, 415},
		"content type in a word":  {func(h http.Header) { h.Set("Content-Type", "json") }, true, 415},
		"content type of a form":  {func(h http.Header) { h.Set("Content-Type", "application/x-www-form-urlencoded; type=application/json") }, true, 415},
		"identity encoding":       {func(h http.Header) { h.Set("Content-Encoding", "identity") }, true, 202},
		"gzip said":               {func(h http.Header) { h.Set("Content-Encoding", "gzip") }, true, 415},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := newReceiver(t)
			request := signedRequest(goodBody)
			row.change(request.Header)
			if row.resign {
				resign(request, currentKey, goodBody)
			}
			require.Equal(t, row.want, receiver.answer(request).Code)
			require.Equal(t, row.want == 202, len(receiver.signaler.given) == 1)
		})
	}
}

func TestEverySpellingOfAJSONContentTypeIsJSON(t *testing.T) {
	for _, contentType := range []string{
		"application/json", "APPLICATION/JSON", " application/json ", "application/json;", "application/json; charset=utf8", "application/json;charset=UTF-8", "application/json; charset=\"utf-8\"",
		"application/json; charset='utf-8'", "application/json; charset=us-ascii", "application/json; charset=iso-8859-1", "application/json; charset", "application/json; charset=",
		"application/json; charset=utf-8; charset=utf-8", "application/json; version=1; odata.metadata=minimal", "application/cloudevents+json", "application/problem+json; charset=utf-8", "text/json",
	} {
		receiver := newReceiver(t)
		request := signedRequest(goodBody)
		request.Header.Set("Content-Type", contentType)
		require.Equal(t, 202, receiver.answer(request).Code, contentType)
		require.Len(t, receiver.signaler.given, 1)
	}
	latin1 := strings.Replace(goodBody, "ö", "\xf6", 1)
	request := signedRequest(latin1)
	request.Header.Set("Content-Type", "application/json; charset=iso-8859-1")
	require.Equal(t, 400, newReceiver(t).answer(request).Code, "JSON is UTF-8 whatever its type says")
}

func TestAWebhookIDMayBeAsLongAsTheContractSays(t *testing.T) {
	contract, err := api.Load(api.Webhook)
	require.NoError(t, err)
	id := contract.Paths.Find(Path).Post.Parameters.GetByInAndName("header", "webhook-id")
	require.NotNil(t, id)
	require.EqualValues(t, maxEventID, *id.Schema.Value.MaxLength)
}

func TestAttacksOnTheBody(t *testing.T) {
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	_, err := writer.Write([]byte(goodBody))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	var wide bytes.Buffer
	require.NoError(t, binary.Write(&wide, binary.LittleEndian, utf16.Encode([]rune(goodBody))))
	for name, row := range map[string]struct {
		body string
		want int
	}{
		"unknown fields":             {strings.Replace(goodBody, `{"type"`, `{"new":[1,{"a":null}],"type"`, 1), 202},
		"timestamp in small letters": {strings.Replace(goodBody, "2026-02-05T12:00:00+02:00", "2026-02-05t10:00:00z", 1), 202},
		"white space around":         {" \n" + goodBody + "\n ", 202},
		"empty":                      {"", 400},
		"null":                       {"null", 400},
		"array":                      {"[" + goodBody + "]", 400},
		"text":                       {`"task.done"`, 400},
		"number":                     {"1", 400},
		"half":                       {goodBody[:len(goodBody)/2], 400},
		"deep object":                {strings.Replace(goodBody, `"transition":`, `"d":`+strings.Repeat(`{"a":`, 1000)+"1"+strings.Repeat("}", 1000)+`,"transition":`, 1), 400},
		"deep list":                  {strings.Repeat("[", 30000), 400},
		"BOM":                        {"\ufeff" + goodBody, 400},
		"UTF-16":                     {wide.String(), 400},
		"invalid UTF-8":              {strings.Replace(goodBody, "valmis", "\xff", 1), 400},
		"gzip unsaid":                {zipped.String(), 400},
		"doubled key":                {strings.Replace(goodBody, `{"type"`, `{"type":"task.invoiced","type"`, 1), 400},
		"doubled key escaped":        {strings.Replace(goodBody, `{"type"`, `{"\u0074ype":"task.invoiced","type"`, 1), 400},
		"doubled inner key":          {strings.Replace(goodBody, `"taskId"`, `"externalId":"x","taskId"`, 1), 400},
		"key in another case":        {strings.Replace(goodBody, `"externalId"`, `"ExternalID"`, 1), 400},
		"trailing object":            {goodBody + goodBody, 400},
		"trailing text":              {goodBody + "x", 400},
		"comment":                    {"/* */" + goodBody, 400},
		"single quotes":              {strings.ReplaceAll(goodBody, `"`, `'`), 400},
		"type missing":               {strings.Replace(goodBody, `"type":"task.done",`, "", 1), 400},
		"type a number":              {strings.Replace(goodBody, `"task.done"`, "1", 1), 400},
		"timestamp missing":          {strings.Replace(goodBody, `"timestamp":"2026-02-05T12:00:00+02:00",`, "", 1), 400},
		"timestamp not RFC 3339":     {strings.Replace(goodBody, "2026-02-05T12:00:00+02:00", "5.2.2026 12:00", 1), 400},
		"timestamp without zone":     {strings.Replace(goodBody, "12:00:00+02:00", "12:00:00", 1), 400},
		"data missing":               {`{"type":"task.done","timestamp":"2026-02-05T12:00:00Z"}`, 400},
		"data null":                  {`{"type":"task.done","timestamp":"2026-02-05T12:00:00Z","data":null}`, 400},
		"taskId a number":            {strings.Replace(goodBody, `"t-1"`, "1", 1), 400},
		"externalId a number":        {strings.Replace(goodBody, `"`+testExternalID+`"`, "7", 1), 400},
		"externalId missing":         {strings.Replace(goodBody, `"externalId":"`+testExternalID+`",`, "", 1), 400},
		"externalId a wildcard":      {strings.Replace(goodBody, testExternalID, "*", 1), 404},
		"externalId with NUL":        {strings.Replace(goodBody, testExternalID, `\u0000`, 1), 404},
		"externalId not ASCII":       {strings.Replace(goodBody, testExternalID, "ä", 1), 404},
		"at the limit":               {goodBody + strings.Repeat(" ", maxBody-len(goodBody)), 202},
		"one byte over":              {goodBody + strings.Repeat(" ", maxBody-len(goodBody)+1), 413},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := newReceiver(t)
			require.Equal(t, row.want, receiver.answer(signedRequest(row.body)).Code)
			require.Equal(t, row.want == 202, len(receiver.signaler.given) == 1)
		})
	}
}

func TestAHugeChunkedBodyIsRefusedWithoutBeingKept(t *testing.T) {
	receiver := newReceiver(t)
	endless := &counter{reader: strings.NewReader(strings.Repeat("a", 10<<20))}
	request := signedRequest(goodBody)
	request.Body, request.ContentLength = io.NopCloser(endless), -1
	require.Equal(t, 413, receiver.answer(request).Code)
	require.LessOrEqual(t, endless.read, 2*maxBody+maxDrain)
}

func TestABodyOfSomeMegabytesIsReadThroughSoThatItsSenderSeesThe413(t *testing.T) {
	receiver := newReceiver(t)
	server := httptest.NewUnstartedServer(receiver)
	server.Config = NewServer(receiver, slog.New(slog.DiscardHandler))
	server.Start()
	defer server.Close()
	large := strings.Repeat("a", 5<<20)
	for name, rest := range map[string]string{
		"announced": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(large), large),
		"chunked":   fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(large), large),
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer func() { _ = connection.Close() }()
			require.NoError(t, connection.SetDeadline(time.Now().Add(10*time.Second)))
			_, err = io.WriteString(connection, "POST "+Path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+rest)
			require.NoError(t, err, "all of it is taken")
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, 413, response.StatusCode)
		})
	}
}

type counter struct {
	reader io.Reader
	read   int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.read += n
	return n, err
}

func TestOtherMethodsAreNotAllowed(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "BREW"} {
		receiver := newReceiver(t)
		request := signedRequest(goodBody)
		request.Method = method
		response := receiver.answer(request)
		require.Equal(t, 405, response.Code, method)
		require.Equal(t, "POST", response.Header().Get("Allow"))
		require.Empty(t, receiver.signaler.given)
	}
}

func TestReplaysCarryTheSameEventID(t *testing.T) {
	receiver := newReceiver(t)
	var group sync.WaitGroup
	answers := make(chan int, 1000)
	for range cap(answers) {
		group.Go(func() { answers <- receiver.answer(signedRequest(goodBody)).Code })
	}
	group.Wait()
	close(answers)
	for status := range answers {
		require.Equal(t, 202, status)
	}
	require.Len(t, receiver.signaler.given, 1000)
	for _, given := range receiver.signaler.given {
		require.Equal(t, testEventID, given.payload.EventID, "Temporal and the workflow tell duplicates by it")
	}
	// The same id with another body needs a signature of its own, which only Hillava can make.
	request := signedRequest(goodBody)
	other := signedRequest(strings.Replace(goodBody, "task.done", "task.invoiced", 1))
	other.Header = request.Header
	require.Equal(t, 401, receiver.answer(other).Code)
}

// TestAttacksOnTheWire goes through a real listener, as net/http answers some attacks itself.
func TestAttacksOnTheWire(t *testing.T) {
	receiver := newReceiver(t)
	server := httptest.NewUnstartedServer(receiver)
	server.Config = NewServer(receiver, slog.New(slog.DiscardHandler))
	server.Config.ReadHeaderTimeout, server.Config.ReadTimeout = 100*time.Millisecond, 200*time.Millisecond
	server.Start()
	defer server.Close()
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nWebhook-Id: %s\r\nWebhook-Timestamp: %s\r\nWebhook-Signature: %s\r\n",
		Path, testEventID, seconds(0), sign(currentKey, testEventID, seconds(0), []byte(goodBody)))
	for name, row := range map[string]struct {
		request string
		want    []int // 0: the connection is closed without an answer
	}{
		"good":               {head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(goodBody), goodBody), []int{202}},
		"good and chunked":   {head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(goodBody), goodBody), []int{202}},
		"64 kB header":       {head + "X-Long: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", []int{431}},
		"bare CR in header":  {head + "X-Odd: a\rb\r\n\r\n", []int{400}},
		"NUL in header":      {head + "X-Odd: a\x00b\r\n\r\n", []int{400}},
		"wrong length":       {head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(goodBody)+10, goodBody), []int{400, 0}},
		"two lengths":        {head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", []int{400}},
		"slow header":        {"POST " + Path + " HTTP/1.1\r\nHost: x\r\n", []int{408, 0}},
		"slow body":          {head + fmt.Sprintf("Content-Length: %d\r\n\r\n{", len(goodBody)), []int{400, 0}},
		"huge length at all": {head + "Content-Length: 999999999999\r\n\r\n", []int{413}},
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer func() { _ = connection.Close() }()
			require.NoError(t, connection.SetDeadline(time.Now().Add(5*time.Second)))
			// The server may close before it has read everything.
			_, _ = io.WriteString(connection, row.request)
			status := 0
			if response, err := http.ReadResponse(bufio.NewReader(connection), nil); err == nil {
				status = response.StatusCode
				require.NoError(t, response.Body.Close())
			} else {
				require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the server must not wait for ever")
			}
			require.Contains(t, row.want, status)
		})
	}
	require.Len(t, receiver.signaler.given, 2)
}

// TestWeAgreeWithTheReleasedLibrary checks both ways: it takes our signatures, and we take its. It is used in tests only,
// as it accepts an empty secret.
func TestWeAgreeWithTheReleasedLibrary(t *testing.T) {
	library, err := standardwebhooks.NewWebhook(asSecret(currentKey))
	require.NoError(t, err)
	verifier, err := newVerifier([]string{asSecret(currentKey)}, nil)
	require.NoError(t, err)
	now := time.Now()
	for _, id := range []string{"msg_1", "a.b.c", "x"} {
		for _, body := range []string{goodBody, "", "\x00\xff", strings.Repeat("ä", 1000)} {
			theirs, err := library.Sign(id, now, []byte(body))
			require.NoError(t, err)
			header := http.Header{}
			header.Set(headerID, id)
			header.Set(headerTimestamp, strconv.FormatInt(now.Unix(), 10))
			header.Set(headerSignature, theirs)
			_, ok := verifier.verify(header, []byte(body))
			require.True(t, ok)

			header.Set(headerSignature, sign(currentKey, id, header.Get(headerTimestamp), []byte(body)))
			require.NoError(t, library.Verify([]byte(body), header))

			header.Set(headerSignature, sign(strangeKey, id, header.Get(headerTimestamp), []byte(body)))
			_, ok = verifier.verify(header, []byte(body))
			require.False(t, ok)
			require.Error(t, library.Verify([]byte(body), header))
		}
	}
}
