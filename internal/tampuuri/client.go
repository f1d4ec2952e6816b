// Package tampuuri is the client of one customer's Tampuuri: it reads notices
// and properties, sets states and adds toimenpiteet. It never retries by itself.
// What is assumed about Tampuuri stands in routes.go.
package tampuuri

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// MaxIDs is the most ids that one Notices call may ask for, and the largest
// page of Browse (api/tampuuri.yaml).
const MaxIDs = 100

// Client calls one customer's Tampuuri. It is safe for concurrent use.
type Client struct {
	peer.Redacted
	peer *peer.Client
	auth http.Header
}

// New makes a client. Its error lists everything that is wrong with the
// configuration, without any of the values.
func New(c Config) (*Client, error) {
	auth, err := c.authHeaders()
	if err != nil {
		return nil, err
	}
	p, err := peer.New(peer.Options{
		Peer: "tampuuri", BaseURL: c.BaseURL, Timeout: c.Timeout, Connections: c.Connections,
		AllowInsecureHTTP: c.AllowInsecureHTTP, KnownFields: knownFields,
	})
	if err != nil {
		return nil, fmt.Errorf("make the Tampuuri client: %w", err)
	}
	return &Client{peer: p, auth: auth}, nil
}

// Close drops the idle connections.
func (c *Client) Close() { c.peer.Close() }

// read makes a call and decodes its answer: every call of this package goes through it.
func read[T any](ctx context.Context, c *Client, call peer.Call, decode func(body []byte) (T, error)) (T, error) {
	call.Header = c.auth
	return peer.Read(ctx, c.peer, call, decode)
}

// about is a call about one record.
func about(r peer.Route, id int64) peer.Call {
	return peer.Call{Route: r, ID: strconv.FormatInt(id, 10)}
}

// Browse reads one page of the notices assigned to a performer, in every state,
// modified at modifiedSince or later, ordered by Muokattu, then Id. A zero
// modifiedSince lists from the beginning; limit is 1 to 100.
//
// Rows move while one pages, so a page may repeat rows of the one before.
func (c *Client) Browse(ctx context.Context, performerID int64, modifiedSince time.Time, offset, limit int) (Page, error) {
	if performerID <= 0 || offset < 0 || limit < 1 || limit > MaxIDs {
		return Page{}, c.peer.Input(routeBrowse.Op, errBrowseInput)
	}
	query := url.Values{
		"TyonsuorittajaYritysId": {strconv.FormatInt(performerID, 10)},
		"Offset":                 {strconv.Itoa(offset)},
		"Limit":                  {strconv.Itoa(limit)},
	}
	if !modifiedSince.IsZero() {
		query.Set("MuokattuAlkaen", wireTime(modifiedSince))
	}
	return read(ctx, c, peer.Call{Route: routeBrowse, Query: query}, func(body []byte) (Page, error) { return decodePage(body, offset) })
}

// Notice reads one notice with its toimenpiteet, whoever the performer is. An answer about another notice is KindMalformed.
// Toimenpiteet that are missing or cannot all be read leave the notice usable, with NoToimenpiteet: taking them for none
// would send them twice.
func (c *Client) Notice(ctx context.Context, id int64) (notice.Notice, error) {
	if id <= 0 {
		return notice.Notice{}, c.peer.Input(routeNotice.Op, errID)
	}
	decode := func(body []byte) (notice.Notice, error) { return decodeNotice(body, true) }
	return read(ctx, c, about(routeNotice, id), peer.About(decode, func(n notice.Notice) bool { return n.ID == id }))
}

// Notices reads 1 to 100 notices by id, without toimenpiteet. Ids that do not
// exist are left out, and so are answers that were not asked for. One whose id cannot be read may be any of them.
func (c *Client) Notices(ctx context.Context, ids []int64) (Page, error) {
	unique := slices.Compact(slices.Sorted(slices.Values(ids)))
	switch {
	case len(unique) == 0:
		return Page{}, nil
	case unique[0] <= 0:
		return Page{}, c.peer.Input(routeNotices.Op, errID)
	case len(unique) > MaxIDs:
		return Page{}, c.peer.Input(routeNotices.Op, errTooManyIDs)
	}
	page, err := read(ctx, c, peer.Call{Route: routeNotices, Body: readNotices{IDs: unique}}, decodeRows)
	if err != nil {
		return Page{}, err
	}
	answered := map[int64]bool{}
	page.Items = slices.DeleteFunc(page.Items, func(n notice.Notice) bool {
		again := answered[n.ID]
		answered[n.ID] = true
		return again || !slices.Contains(unique, n.ID)
	})
	page.Unreadable = slices.DeleteFunc(page.Unreadable, func(row peer.Unreadable[int64]) bool {
		return row.ID != 0 && !slices.Contains(unique, row.ID)
	})
	page.Total = len(page.Items) + len(page.Unreadable)
	return page, nil
}

// SetState sets a notice's state; notify is "Ilmoita osallisille" and is always
// sent. Setting the state that the notice has already tells the participants
// again, so look first. An error of another kind than KindStatus with Sent means
// that the outcome is unknown.
func (c *Client) SetState(ctx context.Context, id int64, s notice.State, notify bool) error {
	if id <= 0 || s == "" {
		return c.peer.Input(routeSetState.Op, errStateInput)
	}
	call := about(routeSetState, id)
	call.Body = setState{Tila: string(s), IlmoitaOsallisille: notify}
	_, err := read(ctx, c, call, peer.About(decodeWritten, func(written int64) bool { return written == id }))
	return err
}

// AddToimenpide adds one toimenpide; t.Date is YYYY-MM-DD. There is no
// idempotency key: every call that arrives adds one. An error of another kind
// than KindStatus with Sent means that the outcome is unknown.
func (c *Client) AddToimenpide(ctx context.Context, id int64, t notice.Toimenpide) error {
	if id <= 0 {
		return c.peer.Input(routeAddToimenpide.Op, errID)
	}
	if _, err := time.Parse(time.DateOnly, t.Date); err != nil {
		return c.peer.Input(routeAddToimenpide.Op, errDate)
	}
	call := about(routeAddToimenpide, id)
	call.Body = addToimenpide{Paivamaara: t.Date, Resurssi: t.Resource, Yhteenveto: t.Summary}
	_, err := read(ctx, c, call, decodeWritten)
	return err
}

// Property reads one property (kohde) with its street address, which may be
// empty.
func (c *Client) Property(ctx context.Context, id int64) (notice.Property, error) {
	if id <= 0 {
		return notice.Property{}, c.peer.Input(routeProperty.Op, errID)
	}
	return read(ctx, c, about(routeProperty, id), peer.About(decodeProperty, func(p notice.Property) bool { return p.ID == id }))
}

// wireTime writes a time for MuokattuAlkaen with the seven fractional digits
// that Tampuuri itself uses, cut downwards, as the limit is inclusive. Times
// before 1970 become 1970: Helsinki's offset once had seconds, which RFC 3339
// cannot write.
func wireTime(t time.Time) string {
	if t.Unix() < 0 {
		t = time.Unix(0, 0)
	}
	return t.In(notice.Helsinki()).Truncate(100 * time.Nanosecond).Format("2006-01-02T15:04:05.0000000-07:00")
}
