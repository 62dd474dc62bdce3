package admin

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/qr"
	"github.com/parley-chat/parley/internal/server/refusal"
)

var errTooMany = refusal.HTTP(http.StatusTooManyRequests, "RATELIMIT", "too many requests")

// view shows the reply to an operation as a page.
func (p *Page) view(v *visit, name, op string, fields, more map[string]any) {
	reply, err := p.call(v, op, fields)
	if err != nil {
		p.failed(v, err)
		return
	}
	if more == nil {
		more = make(map[string]any)
	}
	more["R"] = reply
	p.show(v, http.StatusOK, name, more)
}

func (p *Page) overview(v *visit) {
	if !p.may(v)["server"] {
		p.show(v, http.StatusOK, "overview.html", map[string]any{})
		return
	}
	p.view(v, "overview.html", "serverget", map[string]any{}, nil)
}

func (p *Page) users(v *visit) {
	q, after := strings.TrimSpace(v.r.FormValue("q")), v.r.FormValue("after")
	pattern := "*"
	if q != "" {
		pattern = "*" + q + "*"
	}
	p.view(v, "users.html", "usersget", map[string]any{"addr": pattern, "after": after}, map[string]any{"Q": q})
}

func (p *Page) user(v *visit) {
	p.view(v, "user.html", "userget", map[string]any{"addr": v.r.FormValue("addr")}, nil)
}

func (p *Page) invites(v *visit) { p.view(v, "invites.html", "invitesget", map[string]any{}, nil) }

func (p *Page) groups(v *visit) {
	p.view(v, "groups.html", "groupsget", map[string]any{"aftergid": number(v.r.FormValue("after"))}, nil)
}

func (p *Page) group(v *visit) {
	gid := number(v.r.FormValue("gid"))
	p.view(v, "group.html", "groupgetmembers", map[string]any{"gid": gid, "after": v.r.FormValue("after")},
		map[string]any{"GID": gid})
}

func (p *Page) reports(v *visit) {
	closed := v.r.FormValue("closed") != ""
	p.view(v, "reports.html", "reportsget", map[string]any{
		"closed": closed, "afterid": number(v.r.FormValue("after")),
	}, map[string]any{"Closed": closed})
}

func (p *Page) audit(v *visit) {
	actor, target := v.r.FormValue("actor"), v.r.FormValue("target")
	p.view(v, "audit.html", "auditget", map[string]any{"actor": actor, "target": target},
		map[string]any{"Actor": actor, "Target": target})
}

// number returns a number of a form, 0 for anything else.
func number(text string) uint64 {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 63)
	if err != nil {
		return 0
	}
	return n
}

// action is an operation that a form asks for.
type action struct {
	texts, numbers []string // its fields
	fixed          map[string]any
	op             string
	done           string // what is said then
}

const minutesOfDay = 24 * 60

// actions are what forms may ask for; whatever else they have is not passed on.
func actions() map[string]action {
	return map[string]action{
		"suspend": {op: "usersuspend", texts: []string{"addr", "reason"}, numbers: []string{"days"}, done: "Suspended."},
		"ban":     {op: "userban", texts: []string{"addr", "reason"}, done: "Banned."},
		"restore": {op: "userrestore", texts: []string{"addr"}, done: "Restored."},
		"disable": {op: "userset", texts: []string{"addr"}, fixed: map[string]any{"active": false}, done: "Disabled."},
		"signout": {op: "tokendel", texts: []string{"tokenid"}, done: "The device is signed out."},
		"invite":  {op: "inviteadd", texts: []string{"addr"}, numbers: []string{"uses", "days"}},
		"revoke":  {op: "invitedel", texts: []string{"inviteid"}, done: "The invite is revoked."},
		"close":   {op: "reportclose", texts: []string{"note"}, numbers: []string{"reportid"}, done: "The report is closed."},
		"notice":  {op: "notice", texts: []string{"addr", "msg"}, done: "The notice is on its way."},
	}
}

// do carries out what a form asks for, and goes back to where the form was.
func (p *Page) do(v *visit) {
	a, ok := actions()[v.r.PostFormValue("do")]
	if !ok {
		p.failed(v, refusal.Bad("the form is not one of this server"))
		return
	}
	fields := make(map[string]any)
	maps.Copy(fields, a.fixed)
	for _, name := range a.texts {
		if text := strings.TrimSpace(v.r.PostFormValue(name)); text != "" {
			fields[name] = text
		}
	}
	for _, name := range a.numbers {
		n := number(v.r.PostFormValue(name))
		if name == "days" {
			name, n = "expiry", min(n, 365*100)*minutesOfDay
		}
		fields[name] = n
	}
	if a.op == "notice" && fields["addr"] == nil {
		fields["all"] = true
	}
	reply, err := p.call(v, a.op, fields)
	switch {
	case err != nil:
		p.failed(v, err)
	case a.op == "inviteadd":
		p.showInvite(v, reply)
	default:
		p.mu.Lock()
		v.session.flash = a.done
		p.mu.Unlock()
		http.Redirect(v.w, v.r, back(v.r.PostFormValue("back")), http.StatusSeeOther)
	}
}

// back returns where a form was, which is always one of these pages.
func back(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" || u.Path != PagePath && !strings.HasPrefix(u.Path, PagePath+"/") {
		return PagePath
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

// showInvite shows an invite, once.
func (p *Page) showInvite(v *visit, reply map[string]any) {
	invite, _ := reply["invite"].(map[string]any)
	link, _ := invite["link"].(string)
	code, err := qr.New(link)
	if err != nil {
		p.failed(v, err)
		return
	}
	const scale = 6
	var picture strings.Builder
	encoder := base64.NewEncoder(base64.StdEncoding, &picture)
	if err := png.Encode(encoder, code.Image(scale)); err != nil {
		p.failed(v, fmt.Errorf("draw QR code: %w", err))
		return
	}
	_ = encoder.Close() // a strings.Builder
	p.show(v, http.StatusOK, "invite.html", map[string]any{
		"Link": link, "Page": invite["page"],
		"QR": template.URL("data:image/png;base64," + picture.String()), //nolint:gosec // it was made here
	})
}

// pageFuncs are what the templates need beside the data.
func pageFuncs() template.FuncMap {
	return template.FuncMap{
		"time": func(milli any) string {
			n, ok := milli.(float64)
			if !ok || n == 0 {
				return ""
			}
			return time.UnixMilli(int64(n)).Format("2 Jan 2006, 15:04")
		},
		"bytes": bytesText,
		"whole": func(n any) string {
			f, _ := n.(float64)
			return strconv.FormatFloat(f, 'f', 0, 64)
		},
		"query": url.QueryEscape,
		"last": func(list any, field string) any {
			items, _ := list.([]any)
			if len(items) == 0 {
				return ""
			}
			item, _ := items[len(items)-1].(map[string]any)
			if n, ok := item[field].(float64); ok {
				return strconv.FormatFloat(n, 'f', 0, 64)
			}
			return item[field]
		},
		"valid": func(list any) []any {
			items, _ := list.([]any)
			return slices.DeleteFunc(slices.Clone(items), func(item any) bool {
				t, _ := item.(map[string]any)
				return t["revoked"] == true
			})
		},
	}
}

func bytesText(n any) string {
	f, _ := n.(float64)
	for _, unit := range []string{"bytes", "KB", "MB", "GB"} {
		if f < 1000 {
			return strconv.FormatFloat(f, 'f', 0, 64) + " " + unit
		}
		f /= 1000
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " TB"
}
