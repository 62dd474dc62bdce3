package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// linksBackend is what links into groups need of the SDK. It is called on other goroutines.
type linksBackend interface {
	GetInviteDetails(ctx context.Context, invite string) (mesibo.InviteDetails, error)
	JoinByInvite(ctx context.Context, invite string) (groupID uint32, err error)
	// GroupInvites are the invites into a group that let users in.
	GroupInvites(ctx context.Context, groupID uint32) ([]mesibo.Invite, error)
	RevokeInvite(ctx context.Context, id string) error
}

// GroupInvites implements linksBackend.
func (c client) GroupInvites(ctx context.Context, groupID uint32) ([]mesibo.Invite, error) {
	return c.GetGroupProfile(groupID).GetInvites(ctx)
}

// linksWidth is the width of the sheet without its margins.
const linksWidth = 372

// groupLink is a link into a group that is about to be made.
type groupLink struct {
	group uint32
	name  string // of the group
	uses  int
	valid time.Duration
}

// inviteByLink makes links into a group, once others reach the server.
func (h *home) inviteByLink(group uint32, name string) {
	g := groupLink{group: group, name: name, uses: 1, valid: 7 * 24 * time.Hour}
	if h.session.Network == nil {
		h.showLinks(g)
		return
	}
	h.withNetwork(func(s NetworkState) {
		if s.Open {
			h.showLinks(g)
			return
		}
		h.app.showSettings(pageSharing)
	}, h.failed)
}

// showLinks shows the links into a group, with what a new one is to be like.
func (h *home) showLinks(g groupLink) {
	var (
		list []mesibo.Invite
		err  error
	)
	h.app.cfg.UI.Async(func(ctx context.Context) { list, err = h.session.Client.GroupInvites(ctx, g.group) }, func() {
		switch {
		case err != nil:
			h.failedLink(err)
		case h.app.home == h && !h.app.locked():
			h.showLinkSheet(g, list)
		}
	})
}

func (h *home) showLinkSheet(g groupLink, list []mesibo.Invite) {
	var uses, times []sheet.Choice
	for _, n := range []int{1, 5, 20, 100, 1000} {
		uses = append(uses, sheet.Choice{Label: tr.N("{{.N}} person", "{{.N}} people", n), Value: int64(n)})
	}
	for _, d := range []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour} {
		times = append(times, sheet.Choice{Label: format.Lasting(d), Value: int64(d)})
	}
	const between = 10
	body := container.New(layout.NewCustomPaddedVBoxLayout(between),
		sheet.NewParagraph(h.linkWords(g)),
		sheet.NewRow(tr.L("Lets in"), h.app.sheet.NewSelect(uses, int64(g.uses), func(n int64) { g.uses = int(n) })),
		sheet.NewRow(tr.X("Valid for", "link"), h.app.sheet.NewSelect(times, int64(g.valid), func(d int64) {
			g.valid = time.Duration(d)
		})),
	)
	if len(list) > 0 {
		body.Add(sheet.NewSection(tr.L("Open links")))
	}
	for _, i := range list {
		body.Add(h.linkRow(&i, func() { h.revokeLink(g, i.ID) }))
	}
	body.Resize(fyne.NewSize(linksWidth, 0)) // the height of words in rows depends on their width
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Invite with a link"), Body: body, Verb: tr.L("Create link"),
		Do: func() bool {
			h.app.sheet.Close()
			h.makeLink(g)
			return false
		},
	})
}

// linkWords says whom links of this user into a group let in.
func (h *home) linkWords(g groupLink) string {
	if h.session.Client.MayInvite() {
		return tr.L("Whoever opens the link can join “{{.Group}}”, also without an account so far.", "Group", g.name)
	}
	return tr.L("Whoever opens the link can join “{{.Group}}”. They need an account on {{.Server}}.",
		"Group", g.name, "Server", h.session.serverName())
}

// linkRow is a link that lets users in, with a button that ends it.
func (h *home) linkRow(i *mesibo.Invite, revoke func()) fyne.CanvasObject {
	first := tr.N("{{.N}} person left", "{{.N}} people left", i.Left)
	end := format.Until(i.Expires, h.app.cfg.UI.Now())
	second := tr.L("until {{.Time}}", "Time", end)
	if i.Creator != "" && !strings.EqualFold(i.Creator, h.contacts.Model().Self()) {
		second = tr.L("by {{.Name}}, until {{.Time}}", "Name", h.name(i.Creator), "Time", end)
	}
	words := container.New(layout.NewCustomPaddedVBoxLayout(0),
		sheet.NewWrapped(first, theme.SizeNameText, widgets.ColorText, false), sheet.NewCaption(second))
	button := widgets.NewTextButton(widgets.Action{Text: tr.L("Revoke"), Tapped: revoke})
	button.OnEscape = h.app.sheet.Close
	middle := container.NewVBox(layout.NewSpacer(), button, layout.NewSpacer())
	return container.New(widgets.Mirrored(layout.NewBorderLayout(nil, nil, nil, middle)), words, middle)
}

func (h *home) revokeLink(g groupLink, id string) {
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { err = h.session.Client.RevokeInvite(ctx, id) }, func() {
		if err != nil {
			h.failedLink(err)
		}
		h.showLinks(g)
	})
}

func (h *home) makeLink(g groupLink) {
	var (
		invite mesibo.Invite
		err    error
	)
	p := mesibo.InviteParams{GroupID: g.group, Uses: g.uses, Valid: g.valid}
	h.app.cfg.UI.Async(func(ctx context.Context) { invite, err = h.session.Client.CreateInvite(ctx, p) }, func() {
		if err != nil {
			h.failedLink(err)
			return
		}
		now := h.app.cfg.UI.Now()
		words := h.linkWords(g) + " " + tr.N("It lets in {{.N}} person, until {{.Time}}.", "It lets in {{.N}} people, until {{.Time}}.",
			g.uses, "Time", format.Until(now.Add(g.valid), now))
		h.showInvite(&invite, tr.L("Invite with a link"), words)
	})
}

// failedLink says why a link into a group cannot be made or used.
func (h *home) failedLink(err error) {
	h.app.cfg.Logger.Info("link into a group refused", errorAttr(err))
	h.app.notify(explainLink(err))
}

// linkProblem says why a link into a group was refused, empty for other errors.
func linkProblem(err error) string {
	switch {
	case errors.Is(err, mesibo.ErrInviteUsed):
		return tr.L("This link lets no one in any more. Ask for a new one.")
	case errors.Is(err, mesibo.ErrRemoved):
		return tr.L("You were removed from this group. One of its admins can add you again.")
	case errors.Is(err, mesibo.ErrGroupFull):
		return tr.L("This group is full.")
	default:
		return ""
	}
}

// explainLink is Explain for who joins with an invite.
func explainLink(err error) string { return cmp.Or(linkProblem(err), Explain(err)) }

// foundLink is an invite, and the account on whose server it is.
type foundLink struct {
	home    *home
	details mesibo.InviteDetails
	err     error
}

// findLink asks the servers of accounts whether an invite is theirs; the first account goes first. It is called on another
// goroutine. Without one that knows it, home is nil.
func findLink(ctx context.Context, homes []*home, invite string) foundLink {
	for _, h := range homes {
		details, err := h.session.Client.GetInviteDetails(ctx, invite)
		if !errors.Is(err, mesibo.ErrOtherServer) {
			return foundLink{home: h, details: details, err: err}
		}
	}
	return foundLink{}
}

// openInvite opens an invite: into a group of a server on which the user has an account the account joins, others make
// another account.
func (h *home) openInvite(invite string) {
	if !mesibo.IsInvite(invite) { // an access token
		h.offerAccount(invite)
		return
	}
	homes := h.app.homes()
	slices.SortStableFunc(homes, func(x, y *home) int { // the one that is shown first
		switch h {
		case x:
			return -1
		case y:
			return 1
		}
		return 0
	})
	var found foundLink
	h.app.cfg.UI.Async(func(ctx context.Context) { found = findLink(ctx, homes, invite) }, func() {
		switch {
		case h.app.home != h, h.app.locked(), h.app.sheet.Shown():
			h.app.notify(tr.L("Close what is open first, then open the link again."))
		case found.home == nil:
			h.offerAccount(invite)
		case found.err != nil:
			h.failedLink(found.err)
		case found.details.GroupID == 0:
			h.offerAccount(invite)
		default:
			h.app.askJoin(found, invite)
		}
	})
}

// offerAccount asks before an invite or access token makes another account.
func (h *home) offerAccount(invite string) {
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Invite to a server"), Verb: tr.L("Add account"), Body: sheet.NewParagraph(tr.L(
			"You are signed in to {{.Server}}. The invite adds another account to this window.",
			"Server", h.session.serverName())),
		Do: func() bool {
			h.app.sheet.Close()
			h.app.addAccount(invite)
			return false
		},
	})
}

// askJoin shows the account that can join the group of an invite, and asks before it does.
func (a *App) askJoin(found foundLink, invite string) {
	h, d := found.home, &found.details
	a.switchTo(h.account)
	if d.Joined {
		h.open(contacts.ID{Group: d.GroupID}, true)
		return
	}
	words := tr.L("The members will see that you joined.")
	if d.From != "" {
		words = tr.L("{{.Name}} invites you. The members will see that you joined.", "Name", h.name(d.From))
	}
	a.sheet.Show(sheet.Content{
		Title: tr.L("Join {{.Group}}?", "Group", d.GroupName), Verb: tr.L("Join"),
		Body: container.NewVBox(sheet.NewParagraph(info.CountWords(d.Members)), sheet.NewParagraph(words)),
		Do: func() bool {
			h.joinByInvite(invite)
			return true
		},
	})
}

func (h *home) joinByInvite(invite string) {
	h.joining = true // until the group comes, which is opened then
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { _, err = h.session.Client.JoinByInvite(ctx, invite) }, func() {
		if err != nil {
			h.joining = false
			h.failedLink(err)
		}
	})
}
