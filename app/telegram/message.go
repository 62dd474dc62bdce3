package telegram

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

func delim(r rune) json.Token { return json.Delim(r) }

// words is a text, or nothing where there is something else.
type words string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*w = words(s)
	}
	return nil
}

// number is a whole number, also one in quotes, or 0 where there is something else.
type number int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	// Ids of earlier versions have a prefix of digits that is beyond what is exact in other languages; here it is not.
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = number(v)
	}
	return nil
}

// within returns the number if it is between 0 and most, otherwise 0.
func (n number) within(most int) int {
	if n < 0 || int64(n) > int64(most) {
		return 0
	}
	return int(n)
}

// degrees is an angle, NaN where there is none.
type degrees float64

// UnmarshalJSON implements json.Unmarshaler.
func (d *degrees) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	if err != nil {
		v = math.NaN()
	}
	*d = degrees(v)
	return nil
}

// sender is the id of who sent a message: such as user5, in earlier versions a number.
type sender string

// UnmarshalJSON implements json.Unmarshaler.
func (s *sender) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		text = userID(n)
	}
	if text != "null" {
		*s = sender(text)
	}
	return nil
}

// rawMessage is a message as the file has it.
type rawMessage struct {
	ID        number  `json:"id"`
	Type      words   `json:"type"`
	Date      words   `json:"date"`
	Unix      number  `json:"date_unixtime"`
	Edited    words   `json:"edited"`
	From      words   `json:"from"`
	FromID    sender  `json:"from_id"`
	Author    words   `json:"author"`
	ReplyTo   number  `json:"reply_to_message_id"`
	ReplyPeer words   `json:"reply_to_peer_id"`
	Origin    *words  `json:"forwarded_from"`
	Text      rawText `json:"text"`
	Photo     words   `json:"photo"`
	File      words   `json:"file"`
	FileName  words   `json:"file_name"`
	Thumbnail words   `json:"thumbnail"`
	Media     words   `json:"media_type"`
	MIME      words   `json:"mime_type"`
	Seconds   number  `json:"duration_seconds"`
	Width     number  `json:"width"`
	Height    number  `json:"height"`
	Emoji     words   `json:"sticker_emoji"`
	Title     words   `json:"title"`
	Performer words   `json:"performer"`
	PlaceName words   `json:"place_name"`
	Address   words   `json:"address"`
	Game      words   `json:"game_title"`
	GameLink  words   `json:"game_link"`
	Location  *struct {
		Lat degrees `json:"latitude"`
		Lon degrees `json:"longitude"`
	} `json:"location_information"`
	Contact *struct {
		First words `json:"first_name"`
		Last  words `json:"last_name"`
		Phone words `json:"phone_number"`
	} `json:"contact_information"`
	Poll *struct {
		Question rawText `json:"question"`
		Answers  []struct {
			Text   rawText `json:"text"`
			Voters number  `json:"voters"`
		} `json:"answers"`
	} `json:"poll"`
}

// latest is the latest time that is believed, in seconds since the Unix epoch.
const latest = math.MaxInt32

// message converts a message; false when it has nothing that this package knows.
func (r *rawMessage) message() (*Message, bool) {
	at, ok := r.time()
	if r.Type != "message" || !ok || r.ID == 0 {
		return nil, false
	}
	m := &Message{
		ID: int64(r.ID), Time: at, From: clean(string(r.From)), FromID: clean(string(r.FromID)), Text: r.Text.markdown(),
		Edited: r.Edited != "", Forwarded: r.Origin != nil,
	}
	if m.From == "" {
		m.From = clean(string(r.Author))
	}
	if r.Origin != nil {
		m.Origin = clean(string(*r.Origin))
	}
	if r.ReplyPeer == "" {
		m.ReplyTo = int64(r.ReplyTo)
	}
	m.Place = r.place()
	if m.Place == nil {
		m.File = r.file()
	}
	m.Text = joined(m.Text, r.contact(), r.poll(), r.game())
	if m.Place != nil && m.Text != "" && m.Place.Title == "" {
		m.Place.Title, m.Text = clean(m.Text), "" // a place has no text of its own
	}
	return m, m.Text != "" || m.Place != nil || m.File != nil
}

// time is when a message was sent. Earlier versions only wrote the local time.
func (r *rawMessage) time() (time.Time, bool) {
	at := time.Unix(int64(r.Unix), 0)
	if r.Unix == 0 {
		var err error
		if at, err = time.ParseInLocation("2006-01-02T15:04:05", string(r.Date), time.Local); err != nil {
			return at, false
		}
	}
	return at, at.Unix() > 0 && at.Unix() <= latest
}

func (r *rawMessage) place() *Place {
	if r.Location == nil {
		return nil
	}
	p := &Place{
		Lat: float64(r.Location.Lat), Lon: float64(r.Location.Lon), Title: clean(string(r.PlaceName)),
		Address: clean(string(r.Address)),
	}
	if math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 { // not for NaN
		return p
	}
	return nil
}

const (
	mostPixels  = 1 << 16
	mostSeconds = 1 << 20
)

func (r *rawMessage) file() *File {
	f := &File{
		Path: exported(r.File), Name: clean(string(r.FileName)), MIME: clean(string(r.MIME)),
		Width: r.Width.within(mostPixels), Height: r.Height.within(mostPixels),
		Duration: time.Duration(r.Seconds.within(mostSeconds)) * time.Second,
	}
	switch r.Media {
	case "sticker":
		f.Kind = KindSticker
		if still := exported(r.Thumbnail); !isPicture(f.Path) && still != "" { // animated: only Telegram shows these
			f.Path, f.MIME, f.Width, f.Height = still, "", 0, 0
		}
		f.Name = ""
	case "voice_message":
		f.Kind = KindVoice
	case "video_message", "video_file":
		f.Kind = KindVideo
	case "animation":
		f.Kind = KindAnimation
	case "audio_file":
		f.Kind = KindAudio
	}
	if r.Photo != "" {
		f.Kind, f.Path = KindPhoto, exported(r.Photo)
	} else if r.File == "" {
		return nil
	}
	return f
}

// exported is a path in the export; empty for what stands for a file that was not exported.
func exported(path words) string {
	if strings.Contains(string(path), "(File ") && strings.HasSuffix(string(path), ")") {
		return ""
	}
	return string(path)
}

func isPicture(path string) bool {
	for _, ending := range []string{".webp", ".png", ".jpg", ".jpeg"} {
		if strings.HasSuffix(strings.ToLower(path), ending) {
			return true
		}
	}
	return false
}

func (r *rawMessage) contact() string {
	if r.Contact == nil {
		return ""
	}
	name := strings.TrimSpace(clean(string(r.Contact.First)) + " " + clean(string(r.Contact.Last)))
	if about := strings.TrimSpace(name + "\n" + clean(string(r.Contact.Phone))); about != "" {
		return "👤 " + about
	}
	return ""
}

func (r *rawMessage) poll() string {
	if r.Poll == nil || r.Poll.Question.markdown() == "" {
		return ""
	}
	lines := []string{"📊 " + r.Poll.Question.markdown()}
	for _, a := range r.Poll.Answers {
		lines = append(lines, "• "+a.Text.markdown()+": "+strconv.Itoa(a.Voters.within(math.MaxInt32)))
	}
	return strings.Join(lines, "\n")
}

func (r *rawMessage) game() string {
	if r.Game == "" {
		return ""
	}
	return strings.TrimSpace("🎮 " + clean(string(r.Game)) + " " + clean(string(r.GameLink)))
}

func joined(parts ...string) string {
	var have []string
	for _, p := range parts {
		if p != "" {
			have = append(have, p)
		}
	}
	return strings.Join(have, "\n")
}

// mostName bounds names, in bytes.
const mostName = 200

// clean makes a name of what the file says: one line, of bounded length.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, name)
	if len(name) > mostName {
		name = strings.ToValidUTF8(name[:mostName], "")
	}
	return strings.TrimSpace(name)
}
