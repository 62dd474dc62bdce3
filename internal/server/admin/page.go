package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/refusal"
)

// PagePath is the path of the page for administrators below the server's URL.
const PagePath = "/admin"

const (
	cookieName = "parley_admin"
	// sessionLife is how long a browser is signed in, sessionIdle how long without a request.
	sessionLife = 12 * time.Hour
	sessionIdle = time.Hour
	// maxSessions is the maximum number of browsers that are signed in; a further one signs the oldest out.
	maxSessions = 50
	// maxForm is the maximum size of a form in bytes.
	maxForm = 64 << 10
)

//go:embed page/*.html page/style.css
var pageFiles embed.FS

// Page serves pages for administrators, who sign in with an application token. It carries out what they ask with the
// operations of the API, so that a token opens here what it opens there. Its methods may be called from any goroutine.
type Page struct {
	api       *API // immutable, like all up to mu
	templates *template.Template
	style     []byte
	secure    bool // cookies are for TLS only

	mu       sync.Mutex
	sessions map[[sha256.Size]byte]*session // by the hash of the cookie
}

// session is a browser that is signed in.
type session struct {
	token  string // the application token, which is looked up with each request: it may be revoked
	opened time.Time
	used   time.Time
	flash  string // what has just been done, shown once
}

// NewPage returns the pages. secure says that browsers reach the server over TLS.
func NewPage(api *API, secure bool) (*Page, error) {
	templates, err := template.New("").Funcs(pageFuncs()).ParseFS(pageFiles, "page/*.html")
	if err != nil {
		return nil, err //nolint:wrapcheck // the templates are part of the program
	}
	style, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return nil, err //nolint:wrapcheck // the file is part of the program
	}
	return &Page{
		api: api, templates: templates, style: style, secure: secure, sessions: make(map[[sha256.Size]byte]*session),
	}, nil
}

// Handler serves all paths below PagePath. Requests that other sites make browsers send are refused.
func (p *Page) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PagePath+"/style.css", p.serveStyle)
	mux.HandleFunc("POST "+PagePath+"/login", p.signIn)
	mux.HandleFunc("POST "+PagePath+"/logout", p.signedIn(p.signOut))
	mux.HandleFunc("POST "+PagePath+"/do", p.signedIn(p.do))
	for path, show := range map[string]func(v *visit){
		"": p.overview, "/users": p.users, "/user": p.user, "/invites": p.invites, "/groups": p.groups, "/group": p.group,
		"/reports": p.reports, "/audit": p.audit,
	} {
		mux.HandleFunc("GET "+PagePath+path, p.signedIn(show))
	}
	safe := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		release, ok := p.api.c.Enter()
		if !ok {
			http.Error(w, errStopping.Reason, errStopping.Status)
			return
		}
		defer release()
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "+
			"base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		}
		safe.ServeHTTP(w, r)
	})
}

// HasSession reports whether a request has what looks like the cookie of a browser that is signed in.
func HasSession(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	return err == nil && len(c.Value) == len(rand.Text())
}

func (p *Page) serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(p.style) // the browser is gone
}

// visit is a request of a browser that is signed in.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	token   *accounts.AppToken
	session *session
}

func (v *visit) context() context.Context { return context.WithoutCancel(v.r.Context()) }

// signedIn returns a handler that shows the form to sign in to a browser that is not.
func (p *Page) signedIn(serve func(v *visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, session: p.find(r)}
		if v.session == nil {
			p.showSignIn(w, r, "")
			return
		}
		var err error
		v.token, err = accounts.FindAppToken(v.context(), p.api.c.Record, v.session.token, p.api.c.Clock())
		switch {
		case err != nil:
			p.failed(v, err)
		case v.token == nil:
			p.forget(r)
			p.showSignIn(w, r, "The token is not valid any more.")
		default:
			serve(v)
		}
	}
}

// monotonic returns the time by which sessions end, also when the clock is set.
func monotonic() time.Time { return time.Now() } //nolint:forbidigo // as above

// find returns the session of a request, nil if there is none.
func (p *Page) find(r *http.Request) *session {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	key, now := sha256.Sum256([]byte(c.Value)), monotonic()
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sessions[key]
	if s == nil {
		return nil
	}
	if now.Sub(s.opened) > sessionLife || now.Sub(s.used) > sessionIdle {
		delete(p.sessions, key)
		return nil
	}
	s.used = now
	return s
}

func (p *Page) forget(r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.sessions, sha256.Sum256([]byte(c.Value)))
	}
}

func (p *Page) signIn(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimSpace(r.PostFormValue("token"))
	found, err := p.api.authorize(r.Context(), r.RemoteAddr, token)
	switch {
	case refusal.Of(err) != nil:
		p.showSignIn(w, r, "This is not a valid application token.")
		return
	case err != nil || found == nil:
		p.failed(&visit{w: w, r: r}, err)
		return
	}
	value, now := rand.Text(), monotonic()
	p.mu.Lock()
	for len(p.sessions) >= maxSessions {
		p.dropOldest()
	}
	p.sessions[sha256.Sum256([]byte(value))] = &session{token: token, opened: now, used: now}
	p.mu.Unlock()
	p.setCookie(w, value, int(sessionLife/time.Second))
	http.Redirect(w, r, PagePath, http.StatusSeeOther)
}

// dropOldest is called under mu.
func (p *Page) dropOldest() {
	var oldest [sha256.Size]byte
	var used time.Time
	for key, s := range p.sessions {
		if used.IsZero() || s.used.Before(used) {
			oldest, used = key, s.used
		}
	}
	delete(p.sessions, oldest)
}

func (p *Page) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where there is TLS
		Name: cookieName, Value: value, Path: PagePath, MaxAge: age, HttpOnly: true, Secure: p.secure,
		SameSite: http.SameSiteStrictMode,
	})
}

func (p *Page) signOut(v *visit) {
	p.forget(v.r)
	p.setCookie(v.w, "", -1)
	http.Redirect(v.w, v.r, PagePath, http.StatusSeeOther)
}

// call carries out an operation of the API with the token of the visit.
func (p *Page) call(v *visit, op string, fields map[string]any) (map[string]any, error) {
	if !p.api.limit.Allow() {
		return nil, errTooMany
	}
	raw := rawFields{}
	fields["op"] = op
	for name, value := range fields {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err //nolint:wrapcheck // it does not happen
		}
		raw[name] = text
	}
	reply, err := p.api.perform(v.context(), v.r.RemoteAddr, v.token, op, raw)
	if err != nil {
		return nil, err
	}
	// As a client has it: numbers, texts, lists and objects.
	text, err := json.Marshal(reply)
	if err != nil {
		return nil, err //nolint:wrapcheck // it does not happen
	}
	var fresh map[string]any
	if err := json.Unmarshal(text, &fresh); err != nil {
		return nil, err //nolint:wrapcheck // it does not happen
	}
	return fresh, nil
}

// failed shows why something was not done.
func (p *Page) failed(v *visit, err error) {
	refused := refusedBy(err)
	if refused == nil {
		p.api.c.Logger.Error("admin page", slog.Any("error", err))
		refused = refusal.HTTP(http.StatusServiceUnavailable, "STORAGE", "the server cannot read or write its data")
	}
	p.show(v, refused.Status, "problem.html", map[string]any{"Problem": refused.Reason})
}

func (p *Page) showSignIn(w http.ResponseWriter, r *http.Request, problem string) {
	p.show(&visit{w: w, r: r}, http.StatusUnauthorized, "signin.html", map[string]any{"Problem": problem})
}

// show responds with a page.
func (p *Page) show(v *visit, status int, name string, data map[string]any) {
	data["Path"] = v.r.URL.Path
	data["May"] = p.may(v)
	if v.session != nil {
		p.mu.Lock()
		data["Flash"], v.session.flash = v.session.flash, ""
		p.mu.Unlock()
	}
	var page strings.Builder
	if err := p.templates.ExecuteTemplate(&page, name, data); err != nil {
		p.api.c.Logger.Error("admin page", slog.Any("error", err))
		http.Error(v.w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write([]byte(page.String())) // the browser is gone
}

// may returns what the token of a visit opens.
func (*Page) may(v *visit) map[string]bool {
	may := make(map[string]bool)
	if v.token != nil {
		for _, s := range accounts.Scopes() {
			may[string(s)] = v.token.May(s)
		}
	}
	return may
}
