package linkpreview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/text/encoding/japanese"
)

// local lets a test's servers be reached, which are on this machine.
func local(netip.AddrPort) error { return nil }

// serve starts a server for a test.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// writes answers with a page.
func writes(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}
}

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i / w)
	}
	img.Set(0, 0, color.White)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFetch(t *testing.T) {
	t.Parallel()
	var asked http.Header
	mux := http.NewServeMux()
	s := serve(t, mux.ServeHTTP)
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Clone()
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "me"})
		http.Redirect(w, r, "/moved", http.StatusFound)
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Clone()
		writes("text/html; charset=utf-8", `<html><head><title>Not this</title>
			<meta property="og:title" content="A &amp; B"><meta name="description" content="not this">
			<meta property="og:description" content=" What
			is on it "><meta property="og:site_name" content="Example"><meta property="og:image" content="/picture.png">
			</head><body><meta property="og:title" content="nor this">`)(w, r)
	})
	mux.HandleFunc("/picture.png", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(pngOf(t, 900, 500)) })
	f := Fetcher{Allow: local}
	link := s.URL + "/page#part"
	got, err := f.Fetch(t.Context(), link, "chat.example.org")
	if err != nil {
		t.Fatal(err)
	}
	if got.URL != link || got.Title != "A & B" || got.Description != "What is on it" || got.Site != "Example" {
		t.Errorf("got %+v", got)
	}
	small, err := jpeg.Decode(bytes.NewReader(got.Thumbnail))
	if err != nil || len(got.Thumbnail) > thumbnailBytes || small.Bounds().Dx() > thumbnailSide {
		t.Errorf("thumbnail of %d bytes, %v, %v", len(got.Thumbnail), small, err)
	}
	for _, name := range []string{"Cookie", "Referer", "Authorization"} {
		if asked.Get(name) != "" {
			t.Errorf("the server was told %s: %s", name, asked.Get(name))
		}
	}
	if got := asked.Get("User-Agent"); got != agent {
		t.Errorf("user agent %q", got)
	}
}

func TestFetch_pages(t *testing.T) {
	t.Parallel()
	sjis, err := japanese.ShiftJIS.NewEncoder().String(`<meta charset="shift_jis"><title>日本語のページ</title>`)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		contentType, body string
		title, site       string // no title: nothing
	}{
		"title alone":     {"text/html", "<title>One\ttitle</title>", "One title", "127.0.0.1"},
		"no title":        {"text/html", "<p>words</p>", "", ""},
		"empty":           {"text/html", "", "", ""},
		"empty title":     {"text/html", "<title></title><body>", "", ""},
		"description":     {"text/html", `<meta name="Description" content="x">`, "127.0.0.1", "127.0.0.1"},
		"header's set":    {"text/html; charset=iso-8859-1", "<title>caf\xe9</title>", "café", "127.0.0.1"},
		"page's set":      {"text/html", sjis, "日本語のページ", "127.0.0.1"},
		"wrong set":       {"text/html; charset=utf-8", "<title>caf\xe9</title>", "caf\uFFFD", "127.0.0.1"},
		"turned around":   {"text/html", "<meta charset=utf-8><title>a\u202egpj.exe\u0007</title>", "agpj.exe", "127.0.0.1"},
		"not for people":  {"application/json", `{"title": "x"}`, "", ""},
		"an archive":      {"application/zip", "PK", "", ""},
		"torn":            {"text/html", `<title>Torn</title><meta property="og:title" content="never en`, "Torn", "127.0.0.1"},
		"in the body":     {"text/html", `<body><meta property="og:title" content="Late">`, "Late", "127.0.0.1"},
		"marks are texts": {"text/html", "<title><b>x</b></title>", "<b>x</b>", "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, writes(tc.contentType, tc.body))
			f := Fetcher{Allow: local}
			got, err := f.Fetch(t.Context(), s.URL, "")
			if tc.title == "" {
				if !errors.Is(err, ErrNothing) {
					t.Errorf("got %+v, %v, want ErrNothing", got, err)
				}
				return
			}
			if err != nil || got.Title != tc.title || got.Site != tc.site || got.Thumbnail != nil {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestFetch_long(t *testing.T) {
	t.Parallel()
	s := serve(t, writes("text/html", "<title>"+strings.Repeat("ä", 5000)+"</title>"))
	f := Fetcher{Allow: local}
	got, err := f.Fetch(t.Context(), s.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(got.Title)); n != mostTitle || !strings.HasSuffix(got.Title, "…") {
		t.Errorf("%d characters: %s", n, got.Title)
	}
}

// A body that does not end is left where enough was read, and the server notices.
func TestFetch_endless(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(left)
		w.Header().Set("Content-Type", "text/html")
		for {
			if _, err := w.Write(bytes.Repeat([]byte("<p>more"), 1000)); err != nil {
				return
			}
		}
	})
	f := Fetcher{Allow: local}
	if got, err := f.Fetch(t.Context(), s.URL, ""); !errors.Is(err, ErrNothing) {
		t.Errorf("got %+v, %v", got, err)
	}
	<-left
}

func TestFetch_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		close(left)
	})
	f := Fetcher{Allow: local}
	if _, err := f.Fetch(ctx, s.URL, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-left
}

func TestFetch_pictures(t *testing.T) {
	t.Parallel()
	good := pngOf(t, 64, 40)
	// The header of a PNG that says it has many pixels.
	giant := bytes.Clone(good)
	copy(giant[16:], []byte{0, 0, 0x40, 0, 0, 0, 0x40, 0})
	for name, tc := range map[string]struct {
		data  []byte
		shown bool
	}{
		"good": {good, true}, "giant": {giant, false}, "no picture": {[]byte("<svg/>"), false},
		"many bytes": {append(bytes.Clone(good), make([]byte, mostBytes)...), false}, "a dot": {pngOf(t, 1, 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					writes("text/html", `<title>x</title><meta property="og:image" content="a/b.png">`)(w, r)
					return
				}
				w.Header().Set("Content-Type", "image/png")
				_, _ = w.Write(tc.data)
			})
			f := Fetcher{Allow: local}
			got, err := f.Fetch(t.Context(), s.URL, "")
			if err != nil || got.Title != "x" || (got.Thumbnail != nil) != tc.shown {
				t.Errorf("page: got %+v, %v", got, err)
			}
			got, err = f.Fetch(t.Context(), s.URL+"/a/b.png", "")
			if tc.shown && (err != nil || got.Title != "b.png" || got.Thumbnail == nil) || !tc.shown && !errors.Is(err, ErrNothing) {
				t.Errorf("alone: got %+v, %v", got, err)
			}
		})
	}
}

// A page cannot send this device where it must not go.
func TestFetch_redirections(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	hidden := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	secret := netip.MustParseAddrPort(hidden.Listener.Addr().String())
	for _, to := range []string{
		hidden.URL, "file:///etc/passwd", "ftp://example.org/", "//[::ffff:127.0.0.1]:" + fmt.Sprint(secret.Port()),
		"http://localhost/", "http://0x7f000001/", "http://127.1/", "http://１２７.１/", "http://chat.example.org/",
		"javascript:alert(1)", "data:text/html,x", "http://example.org:22/", "http://[fe80::1%25eth0]/", "", "::",
	} {
		t.Run(to, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(http.StatusFound)
			})
			own := netip.MustParseAddrPort(s.Listener.Addr().String())
			f := Fetcher{Allow: func(a netip.AddrPort) error {
				if a == own {
					return nil
				}
				return Public(a)
			}}
			if got, err := f.Fetch(t.Context(), s.URL, "chat.example.org:443"); !errors.Is(err, ErrRefused) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	lure := serve(t, writes("text/html", `<title>x</title><meta property="og:image" content="`+hidden.URL+`/camera.png">`))
	own := netip.MustParseAddrPort(lure.Listener.Addr().String())
	f := Fetcher{Allow: func(a netip.AddrPort) error {
		if a == own {
			return nil
		}
		return Public(a)
	}}
	if got, err := f.Fetch(t.Context(), lure.URL, ""); err != nil || got.Thumbnail != nil {
		t.Errorf("a page with a picture elsewhere: got %+v, %v", got, err)
	}
	long := lure.URL + "/" + strings.Repeat("x", 3000)
	if _, err := f.Fetch(t.Context(), long, ""); !errors.Is(err, ErrRefused) {
		t.Errorf("an address that no message can carry: %v", err)
	}
	var hops atomic.Int32
	round := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hops.Add(1)
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	f = Fetcher{Allow: local}
	if _, err := f.Fetch(t.Context(), round.URL, ""); !errors.Is(err, ErrRefused) || hops.Load() != mostHops+1 {
		t.Errorf("got %v after %d requests", err, hops.Load())
	}
	if hits.Load() != 0 {
		t.Error("a server was reached that must not be")
	}
}

// names is a resolver that returns addresses in turn, the last one again and again.
func names(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	var asked atomic.Int32
	answer := func(q []byte) []byte {
		var m dnsmessage.Message
		if err := m.Unpack(q); err != nil || len(m.Questions) == 0 {
			return nil
		}
		m.Response, m.RCode, m.Additionals = true, dnsmessage.RCodeSuccess, nil
		if m.Questions[0].Type == dnsmessage.TypeA {
			n := min(int(asked.Add(1)), len(addresses)) - 1
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET},
				Body:   &dnsmessage.AResource{A: netip.MustParseAddr(addresses[n]).As4()},
			}}
		}
		out, err := m.Pack()
		if err != nil {
			return nil
		}
		return out
	}
	server, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answer(buffer[:n]), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// A name that leads elsewhere at the second request is refused by where the connection goes.
func TestFetch_rebinding(t *testing.T) {
	t.Parallel()
	var s *httptest.Server
	var hits atomic.Int32
	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	port := netip.MustParseAddrPort(s.Listener.Addr().String()).Port()
	var refused []netip.Addr
	f := Fetcher{
		dialing: dialing{resolver: names(t, "127.0.0.1", "127.0.0.2"), anyPort: true},
		Allow: func(a netip.AddrPort) error {
			if a.Addr() == netip.MustParseAddr("127.0.0.1") {
				return nil
			}
			refused = append(refused, a.Addr())
			return ErrRefused
		},
	}
	_, err := f.Fetch(t.Context(), fmt.Sprintf("http://page.example.org:%d/", port), "")
	if !errors.Is(err, ErrRefused) || hits.Load() != 1 || len(refused) != 1 {
		t.Errorf("got %v after %d requests, refused %v", err, hits.Load(), refused)
	}
}

// Another name of the server of the messages is found out by its address.
func TestFetch_server(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the server was reached") })
	port := netip.MustParseAddrPort(s.Listener.Addr().String()).Port()
	f := Fetcher{Allow: local, dialing: dialing{resolver: names(t, "127.0.0.1"), anyPort: true}}
	for _, link := range []string{
		fmt.Sprintf("http://other.example.org:%d/", port), fmt.Sprintf("http://CHAT.example.org.:%d/", port), s.URL,
	} {
		for _, server := range []string{"chat.example.org:8443", "127.0.0.1"} {
			if _, err := f.Fetch(t.Context(), link, server); !errors.Is(err, ErrRefused) {
				t.Errorf("%s, the server is %s: got %v", link, server, err)
			}
		}
	}
}

// Through a proxy names are the proxy's to look up; addresses that are none of the public ones are not asked for.
func TestFetch_proxy(t *testing.T) {
	t.Parallel()
	var asked []string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
			return
		}
		writes("text/html", "<title>Far away</title>")(w, r)
	})
	to, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := Fetcher{
		Proxy: http.ProxyURL(to),
		dialing: dialing{resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			t.Error("a name was looked up here")
			return nil, errors.New("no names")
		}}},
	}
	got, err := f.Fetch(t.Context(), "http://page.example.org/", "chat.example.org")
	if err != nil || got.Title != "Far away" || got.Site != "page.example.org" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, link := range []string{
		"http://127.0.0.1/", "http://10.1.2.3/", "http://[::1]/", "http://router/", "http://printer.local/", "http://2130706433/",
		"http://chat.example.org/", "http://page.example.org:8080/", "http://page.example.org/away",
	} {
		if _, err := f.Fetch(t.Context(), link, "chat.example.org"); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: got %v", link, err)
		}
	}
	if want := "http://page.example.org/ http://page.example.org/away"; strings.Join(asked, " ") != want {
		t.Errorf("the proxy was asked for %v", asked)
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"93.184.216.34:443": true, "93.184.216.34:80": true, "93.184.216.34:22": false, "[2606:2800:220:1::1]:443": true,
		"127.0.0.1:80": false, "127.8.8.8:80": false, "0.0.0.0:80": false, "10.0.0.1:80": false, "172.31.255.255:80": false,
		"172.32.0.1:80": true, "192.168.1.1:80": false, "169.254.169.254:80": false, "100.64.0.1:80": false,
		"100.128.0.1:80": true, "224.0.0.1:80": false, "255.255.255.255:80": false, "192.0.2.1:80": false,
		"[::1]:80": false, "[::]:80": false, "[fe80::1]:80": false, "[fc00::1]:80": false, "[fd12::1]:80": false,
		"[ff02::1]:80": false, "[::ffff:127.0.0.1]:80": false, "[::ffff:93.184.216.34]:80": true,
		"[64:ff9b::7f00:1]:80": false, "[64:ff9b::5db8:d822]:80": true, "[2002:7f00:1::]:80": false,
		"[2001::1]:80": false, "[::127.0.0.1]:80": false, "[fec0::1]:80": false, "[2001:db8::1]:80": false,
	} {
		err := Public(netip.MustParseAddrPort(address))
		if (err == nil) != public || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

func FuzzReadPage(f *testing.F) {
	f.Add([]byte(`<html><head><title>a</title><meta property="og:title" content="b"></head><body>`), "text/html")
	f.Add([]byte("\xff\xfe<\x00t\x00i\x00t\x00l\x00e\x00>\x00x\x00"), "text/html; charset=utf-16")
	f.Add([]byte(`<meta charset=gbk><svg><title>&#x202e;<meta content="x" name="description"`), "")
	f.Fuzz(func(t *testing.T, data []byte, contentType string) {
		p := readPage(bytes.NewReader(data), contentType)
		for text, most := range map[string]int{p.title(): mostTitle, p.description(): mostDescription, p.site(): mostSite} {
			got := clean(text, most)
			if n := len([]rune(got)); n > most || strings.ContainsAny(got, "\x00\n\r\u202e\u2066\u2028") || clean(got, most) != got {
				t.Errorf("%q became %q, %d characters", text, got, n)
			}
		}
	})
}
