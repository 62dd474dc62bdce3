package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/telegram"
)

func open(t testing.TB, folder string) *telegram.Export {
	t.Helper()
	e, err := telegram.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// written is an export with this for result.json.
func written(t testing.TB, result string) *telegram.Export {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "result.json"), []byte(result), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

func chats(t testing.TB, e *telegram.Export) []telegram.Chat {
	t.Helper()
	list, err := e.Chats(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func messages(t testing.TB, e *telegram.Export, wanted func(c *telegram.Chat) bool) []telegram.Message {
	t.Helper()
	var list []telegram.Message
	err := e.Messages(t.Context(), wanted, nil, func(_ *telegram.Chat, m *telegram.Message) error {
		list = append(list, *m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func all(*telegram.Chat) bool { return true }

func TestExport_of_one_chat(t *testing.T) {
	e := open(t, "testdata/personal")
	list := chats(t, e)
	if len(list) != 1 {
		t.Fatalf("%d chats", len(list))
	}
	c := list[0]
	if c.Name != "Robert Brown" || !c.IsPersonal() || c.Messages != 10 || c.Service != 1 || c.Unknown != 1 || c.Files != 3 ||
		c.First.Unix() != 1619852460 || c.Last.Unix() != 1619853120 || len(c.Senders) != 2 || c.Senders[0].Messages != 6 {
		t.Errorf("got %+v", c)
	}
	ms := messages(t, e, all)
	var texts []string
	for _, m := range ms {
		texts = append(texts, fmt.Sprintf("%d %v %s", m.ID, c.IsOwn(&m, ""), m.Text))
	}
	want := []string{
		`2 false Hello, how was "Lisbon"?`,
		"3 true **Warm**, see [the map](https://example.org/map) and run `make all`",
		"4 true The harbour", "5 false ", "6 false ", "7 true ", "8 false ", "9 false 👤 Dan Dole\n+000 000",
		"10 true 📊 Again?\n• Yes: 2\n• No: 0", "12 false A bell\a and a \\x41",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("got %q, want %q", texts, want)
	}
	if m := ms[1]; !m.Edited || m.ReplyTo != 2 || m.Time.Unix() != 1619852520 {
		t.Errorf("an answer: %+v", m)
	}
	files := []*telegram.File{ms[2].File, ms[3].File, ms[4].File, ms[5].File}
	wantFiles := []*telegram.File{
		{Kind: telegram.KindPhoto, Path: "photos/photo_1@01-05-2021_09-04-00.jpg", Width: 120, Height: 80},
		{Kind: telegram.KindVideo, MIME: "video/mp4", Width: 1920, Height: 1080, Duration: 31 * time.Second},
		{Kind: telegram.KindSticker, Path: "stickers/AnimatedSticker.tgs_thumb.jpg"},
		{Path: "files/list.txt", Name: "list.txt", MIME: "text/plain"},
	}
	if !reflect.DeepEqual(files, wantFiles) {
		t.Errorf("files: got %+v %+v %+v %+v", *files[0], *files[1], *files[2], *files[3])
	}
	if !ms[5].Forwarded || ms[5].Origin != "Carol Clark" {
		t.Errorf("a copy: %+v", ms[5])
	}
	if want := (&telegram.Place{Lat: 38.7223, Lon: -9.1393, Title: "Museu", Address: "Rua 1, Lisboa"}); *ms[6].Place != *want {
		t.Errorf("a place: %+v", ms[6].Place)
	}
	f, err := e.File(ms[5].File.Path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil || string(data) != "bread, olives\n" {
		t.Errorf("file: %q, %v", data, err)
	}
}

func TestExport_of_an_account(t *testing.T) {
	e := open(t, "testdata/account")
	list := chats(t, e)
	var got []string
	for _, c := range list {
		got = append(got, fmt.Sprintf("%s %s %d %s %s", c.Name, c.Type, c.Messages, c.Own, c.Source(3)))
	}
	want := []string{
		" saved_messages 1 user1717 telegram:user1717:3", "Climbing private_supergroup 3 user1717 telegram:channel9001:3",
		"News public_channel 1 user1717 telegram:channel8:3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	ms := messages(t, e, func(c *telegram.Chat) bool { return c.ID == 9001 })
	if len(ms) != 3 || ms[0].ID != -999999999 || ms[1].ReplyTo != -999999999 || ms[2].Text != "Yes, @robert" {
		t.Errorf("got %+v", ms)
	}
	group := list[1]
	if group.IsOwn(&ms[0], group.Own) || !group.IsOwn(&ms[1], group.Own) || group.IsOwn(&ms[1], "") {
		t.Error("whose they are")
	}
}

func TestExport_is_none(t *testing.T) {
	dir := t.TempDir()
	if _, err := telegram.Open(dir); !errors.Is(err, telegram.ErrNoExport) {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "result.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := telegram.Open(dir); !errors.Is(err, telegram.ErrNoExport) {
		t.Errorf("a folder for result.json: %v", err)
	}
	for name, result := range map[string]string{
		"nothing": "", "no object": "[1]", "a word": "x", "cut off": `{"name":"A","messages":[{"id":1,`,
		"cut off text": `{"name":"A`, "deep": `{"x":` + strings.Repeat("[", 100_000),
		"wrong": `{"messages":[{"id":1}}`,
	} {
		_, err := written(t, result).Chats(t.Context(), nil)
		if !errors.Is(err, telegram.ErrFormat) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	huge := `{"messages":[{"id":1,"type":"message","date_unixtime":"5","text":"` + strings.Repeat("a", 9<<20) + `"}]}`
	if _, err := written(t, huge).Chats(t.Context(), nil); !errors.Is(err, telegram.ErrTooLarge) {
		t.Errorf("a huge message: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, "testdata/personal").Chats(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// What is not as it should be is left out, and the rest is read.
func TestExport_with_odd_values(t *testing.T) {
	e := written(t, `{"name":7,"type":null,"id":"x","messages":[
		{"id":1e99,"type":"message","date_unixtime":"5","text":"no id"},
		{"id":2,"type":"message","date_unixtime":"99999999999999999","text":"too late"},
		{"id":3,"type":"message","date_unixtime":"-5","text":"too early"},
		{"id":4,"type":"message","text":"no time"},
		{"id":5,"type":"message","date":"2021-05-01T09:00:00","from":{"a":1},"from_id":123,"text":["a",7,{"type":"bold"},"b"]},
		{"id":6,"type":"message","date_unixtime":9,"text":"x","location_information":{"latitude":"NaN","longitude":1},
			"width":-4,"photo":5,"file":"a","duration_seconds":99999999999999,"poll":"?","contact_information":[]},
		{"id":7,"type":"message","date_unixtime":"9","text":{"text":"x"}},
		7, null, "x", []]}`)
	var got []string
	for _, m := range messages(t, e, all) {
		got = append(got, fmt.Sprintf("%d %q %q", m.ID, m.FromID, m.Text))
		if m.Place != nil || m.File != nil && *m.File != (telegram.File{Path: "a"}) {
			t.Errorf("message %d: %+v, %+v", m.ID, m.Place, m.File)
		}
	}
	if want := []string{`5 "user123" "ab"`, `6 "" "x"`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMarkdown(t *testing.T) {
	for parts, want := range map[string]string{
		`["a ",{"type":"bold","text":" b \nc"}," d"]`:                                           "a  **b** \n**c** d",
		`["a",{"type":"italic","text":"b"},"c"]`:                                                "abc",
		`["a ",{"type":"italic","text":"b"},", ",{"type":"strikethrough","text":"c"}]`:          "a _b_, ~~c~~",
		"[{\"type\":\"code\",\"text\":\"a`b\"}]":                                                "a`b",
		`["a",{"type":"pre","text":"x := 1\ny","language":"go"},"b"]`:                           "a\n```go\nx := 1\ny\n```\nb",
		`[{"type":"pre","text":"x","language":"a b"}]`:                                          "```\nx\n```",
		`["a",{"type":"blockquote","text":"b\nc"},"d"]`:                                         "a\n> b\n> c\nd",
		`[{"type":"text_link","text":"b","href":"https://a.org/"}]`:                             "[b](https://a.org/)",
		`[{"type":"text_link","text":"b","href":"javascript:alert"}]`:                           "b (javascript:alert)",
		`[{"type":"text_link","text":"https://a.org","href":"https://a.org"}]`:                  "https://a.org",
		`[{"type":"link","text":"https://a.org"},{"type":"spoiler","text":" x"},"\u0000"]`:      "https://a.org x",
		`[{"type":"text_link","text":"a]b","href":"https://a.org/"},{"type":"new","text":"c"}]`: "a]b (https://a.org/)c",
	} {
		e := written(t, `{"type":"personal_chat","messages":[{"id":1,"type":"message","date_unixtime":"5","text":`+parts+`}]}`)
		if got := messages(t, e, all); len(got) != 1 || got[0].Text != want {
			t.Errorf("%s: got %+v, want %q", parts, got, want)
		}
	}
}

// A path leads to regular files of the folder, and nowhere else.
func TestExport_File_stays_in_the_folder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "secret")
	folder := filepath.Join(dir, "export")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(outside, []byte("x"), 0o600))
	must(os.Mkdir(folder, 0o700))
	must(os.WriteFile(filepath.Join(folder, "result.json"), []byte("{}"), 0o600))
	must(os.WriteFile(filepath.Join(folder, "a"), []byte("x"), 0o600))
	bad := []string{"", "../secret", outside, "b", ".", "a\x00", "none/a", strings.Repeat("a", 5000), "a/b"}
	if runtime.GOOS != "windows" {
		must(os.Symlink(outside, filepath.Join(folder, "b")))
		must(os.Symlink("..", filepath.Join(folder, "up")))
		bad = append(bad, "up/secret")
	}
	e := open(t, folder)
	for _, path := range bad {
		f, err := e.File(path)
		if err == nil {
			t.Errorf("%q was opened: %v", path, f.Close())
		} else if !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", path, err)
		}
	}
	f, err := e.File("a")
	must(err)
	must(f.Close())
}

// large writes an export with a number of messages of a thousand letters.
func large(t testing.TB, count int) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("word ", 200)
	_, err = fmt.Fprint(f, `{"name":"A","type":"personal_chat","id":5,"messages":[`)
	for i := 1; i <= count && err == nil; i++ {
		comma := ","
		if i == count {
			comma = ""
		}
		_, err = fmt.Fprintf(f, ` {"id": %d, "type": "message", "date": "2021-05-01T09:01:00", "date_unixtime": "%d",
			"from": "Robert", "from_id": "user5", "text": "%d %s", "text_entities": [{"type": "plain", "text": "%s"}]}%s`,
			i, 1600000000+i*60, i, text, text, comma)
	}
	if err == nil {
		_, err = fmt.Fprint(f, `]}`)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The memory that reading takes does not grow with the file, here of 13 MB.
func TestExport_memory(t *testing.T) {
	const count = 6_000
	e := open(t, large(t, count))
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, most, n := heap(), int64(0), 0
	err := e.Messages(t.Context(), all, nil, func(*telegram.Chat, *telegram.Message) error {
		if n++; n%1000 == 0 {
			most = max(most, heap()-before)
		}
		return nil
	})
	if err != nil || n != count {
		t.Fatalf("%d messages, %v", n, err)
	}
	if most > 2<<20 {
		t.Errorf("%d KiB more were in use", most>>10)
	}
}

func BenchmarkMessages(b *testing.B) {
	e := open(b, large(b, 20_000))
	b.SetBytes(e.Size())
	for b.Loop() {
		if err := e.Messages(b.Context(), all, nil, func(*telegram.Chat, *telegram.Message) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzMessages(f *testing.F) {
	for _, name := range []string{"personal", "account"} {
		data, err := os.ReadFile(filepath.Join("testdata", name, "result.json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"messages":[{"id":1,"type":"message","date_unixtime":"5","text":[{"type":"pre","text":"\x07"}]}]}`))
	f.Fuzz(func(t *testing.T, result []byte) {
		e := written(t, string(result))
		list, err := e.Chats(t.Context(), nil)
		count := 0
		again := e.Messages(t.Context(), all, nil, func(c *telegram.Chat, m *telegram.Message) error {
			count++
			if m.Text == "" && m.File == nil && m.Place == nil || m.Time.Unix() <= 0 || m.ID == 0 {
				t.Errorf("got %+v", m)
			}
			c.IsOwn(m, c.Own)
			if m.File != nil {
				if f, err := e.File(m.File.Path); err == nil && m.File.Path != "result.json" {
					t.Errorf("%q was opened: %v", m.File.Path, f.Close())
				}
			}
			return nil
		})
		if (err == nil) != (again == nil) {
			t.Errorf("first %v, then %v", err, again)
		}
		sum := 0
		for _, c := range list {
			sum += c.Messages
		}
		if err == nil && sum != count {
			t.Errorf("%d messages were counted, %d read", sum, count)
		}
	})
}
