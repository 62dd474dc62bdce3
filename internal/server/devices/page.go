package devices

import (
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"net/http"
	"strings"
)

//go:embed join.html
var joinPage string

// ServePage serves the page that opens an invite. The invite is behind the # of the link, so the server does not get it.
func ServePage(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "+
		"script-src "+hashOf("script")+"; style-src "+hashOf("style"))
	_, _ = w.Write([]byte(joinPage)) // whoever asked is gone
}

// hashOf returns the source expression of the one element of this name in the page.
func hashOf(element string) string {
	_, body, _ := strings.Cut(joinPage, "<"+element+">")
	body, _, _ = strings.Cut(body, "</"+element+">")
	sum := sha256.Sum256([]byte(body))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
