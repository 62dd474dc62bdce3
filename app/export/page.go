package export

import (
	"fmt"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strings"
)

// pages has the templates of what a page is made of. They escape everything that users have written.
//
//nolint:gochecknoglobals // templates are parsed once
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"picture": isPicture, "sound": isSound, "film": isFilm, "link": link, "words": func() words { return words{} },
}).Parse(`{{define "head"}}<!doctype html>
<html lang="{{words.Language}}" dir="{{words.Direction}}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="script-src 'none'">
<meta name="viewport" content="width=device-width">
<title>{{.Chat.Title}}</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #1c2128; background: #fff }
h1 { font-size: 1.4em; margin: 0 }
.about, time, .size, .notice { color: #656d76; font-size: .87em }
.day { text-align: center; font-weight: 600; margin: 2em 0 1em; break-after: avoid }
.notice { text-align: center; margin: .8em 0 }
.message { margin: .9em 0; break-inside: avoid }
.from { font-weight: 600; color: #1f5fd0 }
.own .from { color: #1a7f37 }
.text, .deleted { white-space: pre-wrap; overflow-wrap: anywhere }
.text, .quote { unicode-bidi: plaintext }
.deleted { font-style: italic; color: #656d76 }
.quote { border-inline-start: 3px solid #afc6ee; padding-inline-start: .6em; margin: .2em 0; color: #656d76; overflow-wrap: anywhere }
.quote a { color: inherit; text-decoration: none }
.reactions { font-size: .87em }
img, video { max-width: 100%; max-height: 24em; display: block; margin: .3em 0 }
nav { margin: 2em 0; text-align: center }
@media print { body { margin: 0; max-width: none; font-size: 11pt } nav { display: none } a { color: inherit } }
</style>
</head>
<body>
<h1>{{.Chat.Title}}</h1>
<p class="about">{{words.Exported .}}</p>
{{if .Before}}<nav><a href="{{.Before}}">{{words.Earlier}}</a></nav>
{{end}}{{end}}
{{define "day"}}<div class="day">{{.}}</div>
{{end}}
{{define "notice"}}<div class="notice" id="m{{.ID}}">{{.Text}} · <time>{{words.Clock .Time}}</time></div>
{{end}}
{{define "message"}}<div class="message{{if .Own}} own{{end}}" id="m{{.ID}}">
<span class="from">{{.From.Name}}</span> <time datetime="{{.Time.Format "2006-01-02T15:04:05Z07:00"}}">{{words.Stamp .}}</time>
{{if .Forwarded}}<div class="quote">{{words.Forwarded .}}</div>
{{end}}{{if .RefID}}<div class="quote">{{if .Quoted}}<a href="#m{{.RefID}}">{{.Quoted}}</a>{{else}}{{words.Reply}}{{end}}</div>
{{end}}{{if .Deleted}}<div class="deleted">{{words.Deleted}}</div>
{{end}}{{with .File}}{{if not .Path}}<div>{{.Name}} <span class="size">({{words.Missing}})</span></div>
{{else if picture .Path}}<a href="{{link .Path}}"><img src="{{link .Path}}" alt="{{.Name}}"></a>
{{else if film .Path}}<video src="{{link .Path}}" controls preload="none"></video><a href="{{link .Path}}">{{.Name}}</a>
{{else if sound .Path}}<audio src="{{link .Path}}" controls preload="none"></audio> <a href="{{link .Path}}">{{.Name}}</a>
{{else}}<div><a href="{{link .Path}}">{{.Name}}</a></div>
{{end}}{{end}}{{with .Place}}<div>{{with .Title}}{{.}}, {{end}}{{with .Address}}{{.}}, {{end}}{{.Lat}}, {{.Lon}}</div>
{{end}}{{with .Poll}}<div>{{words.Poll .}}<ul>{{range .Options}}<li>{{.Text}} <span class="size">({{len .Votes}})</span></li>{{end}}</ul></div>
{{else}}{{with .Text}}<div class="text">{{.}}</div>
{{end}}{{end}}{{with .Page}}<div class="quote"><a href="{{.URL}}">{{.Title}}</a>{{with .Site}} <span class="size">({{.}})</span>{{end}}{{with .Description}}<br>{{.}}{{end}}</div>
{{end}}{{with .Reactions}}<div class="reactions">{{range $i, $r := .}}{{if $i}} · {{end}}{{$r.Emoji}} {{$r.From.Name}}{{end}}</div>
{{end}}</div>
{{end}}
{{define "foot"}}{{if .After}}<nav><a href="{{.After}}">{{words.Later}}</a></nav>
{{end}}</body>
</html>
{{end}}`))

// headData is what the head and the foot of a page are made of.
type headData struct {
	Chat          Chat
	Page          int
	Before, After string
}

// pageName is the name of a page, from 1.
func pageName(n int) string {
	if n == 1 {
		return "messages.html"
	}
	return fmt.Sprintf("messages-%d.html", n)
}

// Quoted is the beginning of the message that this one answers, empty when it is not on the page.
func (m Message) Quoted() string { return m.quoted }

// isPicture reports whether browsers show a file as a picture, and run nothing that is in it.
func isPicture(name string) bool { return hasEnding(name, ".png", ".jpg", ".jpeg", ".gif", ".webp") }

func isSound(name string) bool {
	return hasEnding(name, ".ogg", ".opus", ".mp3", ".wav", ".m4a", ".flac")
}

func isFilm(name string) bool { return hasEnding(name, ".mp4", ".webm", ".mov", ".m4v") }

func hasEnding(name string, endings ...string) bool {
	return slices.Contains(endings, strings.ToLower(path.Ext(name)))
}

// link is a path as an address relative to the page.
func link(name string) string { return (&url.URL{Path: "./" + name}).String() }
