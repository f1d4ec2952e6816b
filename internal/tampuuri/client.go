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

// call is the one request factory: every call of this package goes through it.
func (c *Client) call(r route, query url.Values, body any, ids ...int64) peer.Call {
	return peer.Call{Op: r.op, Method: r.method, Path: r.path(ids...), Route: r.template, Query: query, Header: c.auth, Body: body}
}

// Browse reads one page of the notices assigned to a performer, in every state,
// modified at modifiedSince or later, ordered by Muokattu, then Id. A zero
// modifiedSince lists from the beginning; limit is 1 to 100.
//
// Rows move while one pages, so a page may repeat rows of the one before.
func (c *Client) Browse(ctx context.Context, performerID int64, modifiedSince time.Time, offset, limit int) (Page, error) {
	if performerID <= 0 || offset < 0 || limit < 1 || limit > MaxIDs {
		return Page{}, c.peer.Input(routeBrowse.op, errBrowseInput)
	}
	query := url.Values{
		"TyonsuorittajaYritysId": {strconv.FormatInt(performerID, 10)},
		"Offset":                 {strconv.Itoa(offset)},
		"Limit":                  {strconv.Itoa(limit)},
	}
	if !modifiedSince.IsZero() {
		query.Set("MuokattuAlkaen", wireTime(modifiedSince))
	}
	return peer.Read(ctx, c.peer, c.call(routeBrowse, query, nil), func(body []byte) (Page, error) { return decodePage(body, offset) })
}

// Notice reads one notice with its toimenpiteet, whoever the performer is. An answer about another notice is KindMalformed.
// Toimenpiteet that are missing or cannot all be read leave the notice usable, with NoToimenpiteet: taking them for none
// would send them twice.
func (c *Client) Notice(ctx context.Context, id int64) (notice.Notice, error) {
	if id <= 0 {
		return notice.Notice{}, c.peer.Input(routeNotice.op, errID)
	}
	return peer.Read(ctx, c.peer, c.call(routeNotice, nil, nil, id), func(body []byte) (notice.Notice, error) {
		n, err := decodeNotice(body, true)
		if err == nil && n.ID != id {
			err = errOtherID
		}
		return n, err
	})
}

// Notices reads 1 to 100 notices by id, without toimenpiteet. Ids that do not
// exist are left out, and so are answers that were not asked for. One whose id cannot be read may be any of them.
func (c *Client) Notices(ctx context.Context, ids []int64) (Page, error) {
	asked := make(map[int64]bool, len(ids))
	unique := make([]int64, 0, len(ids))
	for _, id := range ids {
		if id <= 0 {
			return Page{}, c.peer.Input(routeNotices.op, errID)
		}
		if !asked[id] {
			asked[id] = true
			unique = append(unique, id)
		}
	}
	switch {
	case len(unique) == 0:
		return Page{}, nil
	case len(unique) > MaxIDs:
		return Page{}, c.peer.Input(routeNotices.op, errTooManyIDs)
	}
	page, err := peer.Read(ctx, c.peer, c.call(routeNotices, nil, readNotices{IDs: unique}), decodeRows)
	if err != nil {
		return Page{}, err
	}
	page.Items = slices.DeleteFunc(page.Items, func(n notice.Notice) bool {
		first := asked[n.ID]
		if first {
			asked[n.ID] = false
		}
		return !first
	})
	page.Unreadable = slices.DeleteFunc(page.Unreadable, func(row peer.Unreadable[int64]) bool {
		_, wanted := asked[row.ID]
		return row.ID != 0 && !wanted
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
		return c.peer.Input(routeSetState.op, errStateInput)
	}
	got, err := peer.Read(ctx, c.peer, c.call(routeSetState, nil, setState{Tila: string(s), IlmoitaOsallisille: notify}, id), decodeWritten)
	if err == nil && got != id {
		return c.peer.Malformed(routeSetState.op, errOtherID)
	}
	return err
}

// AddToimenpide adds one toimenpide; t.ID is not used, t.Date is YYYY-MM-DD.
// There is no idempotency key: every call that arrives adds one. An error of
// another kind than KindStatus with Sent means that the outcome is unknown.
func (c *Client) AddToimenpide(ctx context.Context, id int64, t notice.Toimenpide) error {
	if id <= 0 {
		return c.peer.Input(routeAddToimenpide.op, errID)
	}
	if _, err := time.Parse(time.DateOnly, t.Date); err != nil {
		return c.peer.Input(routeAddToimenpide.op, errDate)
	}
	_, err := peer.Read(ctx, c.peer, c.call(routeAddToimenpide, nil,
		addToimenpide{Paivamaara: t.Date, Resurssi: t.Resource, Yhteenveto: t.Summary}, id), decodeWritten)
	return err
}

// Property reads one property (kohde) with its street address, which may be
// empty.
func (c *Client) Property(ctx context.Context, id int64) (notice.Property, error) {
	if id <= 0 {
		return notice.Property{}, c.peer.Input(routeProperty.op, errID)
	}
	return peer.Read(ctx, c.peer, c.call(routeProperty, nil, nil, id), func(body []byte) (notice.Property, error) {
		p, err := decodeProperty(body)
		if err == nil && p.ID != id {
			err = errOtherID
		}
		return p, err
	})
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
