//go:build display && (linux || freebsd || netbsd || openbsd)

// Dragfiles drags files over the display as a file manager does (XDND, version 5), with the pointer of the display:
// from its upper left corner to a position, where it holds them until it reads a line from standard input, and drops
// them. It is for the end-to-end test.
//
//	dragfiles X Y FILE...
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

const (
	version  = 5
	patience = 10 * time.Second
	steps    = 10
	step     = 30 * time.Millisecond
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dragfiles:", err)
		os.Exit(1)
	}
}

func run() error {
	flag.Parse()
	const least = 3
	if flag.NArg() < least {
		return errors.New("it takes X Y FILE")
	}
	x, err := strconv.ParseInt(flag.Arg(0), 10, 16)
	if err != nil {
		return fmt.Errorf("place: %w", err)
	}
	y, err := strconv.ParseInt(flag.Arg(1), 10, 16)
	if err != nil {
		return fmt.Errorf("place: %w", err)
	}
	list, err := uriList(flag.Args()[2:])
	if err != nil {
		return err
	}
	s, err := begin(list)
	if err != nil {
		return err
	}
	defer s.conn.Close()
	if err := s.drag(int16(x), int16(y)); err != nil {
		return err
	}
	fmt.Println("held")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	return s.drop()
}

func uriList(files []string) (string, error) {
	var b strings.Builder
	for _, f := range files {
		path, err := filepath.Abs(f)
		if err != nil {
			return "", fmt.Errorf("name file: %w", err)
		}
		b.WriteString((&url.URL{Scheme: "file", Path: path}).String() + "\r\n")
	}
	return b.String(), nil
}

// source is the window that files are dragged from.
type source struct {
	conn   *xgb.Conn
	root   xproto.Window
	window xproto.Window
	target xproto.Window
	list   string
	atoms  map[string]xproto.Atom
	events chan xgb.Event
}

func begin(list string) (*source, error) {
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("open display: %w", err)
	}
	s := &source{
		conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, list: list, atoms: make(map[string]xproto.Atom),
		events: make(chan xgb.Event),
	}
	if err := xtest.Init(conn); err != nil {
		return nil, fmt.Errorf("pointer of the display: %w", err)
	}
	if s.window, err = xproto.NewWindowId(conn); err != nil {
		return nil, fmt.Errorf("make window: %w", err)
	}
	for _, name := range []string{
		"XdndSelection", "XdndAware", "XdndEnter", "XdndPosition", "XdndStatus", "XdndDrop", "XdndFinished", "XdndActionCopy",
		"text/uri-list",
	} {
		reply, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return nil, fmt.Errorf("name atom: %w", err)
		}
		s.atoms[name] = reply.Atom
	}
	xproto.CreateWindow(conn, 0, s.window, s.root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil)
	err = xproto.SetSelectionOwnerChecked(conn, s.window, s.atoms["XdndSelection"], xproto.TimeCurrentTime).Check()
	if err != nil {
		return nil, fmt.Errorf("begin drag: %w", err)
	}
	go s.listen()
	return s, nil
}

func (s *source) listen() {
	defer close(s.events)
	for {
		event, err := s.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		if event != nil {
			s.events <- event
		}
	}
}

// drag moves the pointer to a position with the button pressed, and informs the window there.
func (s *source) drag(x, y int16) error {
	s.pointer(xproto.MotionNotify, 0, 0, 0)
	s.pointer(xproto.ButtonPress, 1, 0, 0)
	// Once more, now that the button is pressed: whoever watches for drags looks at both.
	xproto.SetSelectionOwner(s.conn, s.window, s.atoms["XdndSelection"], xproto.TimeCurrentTime)
	tick := time.NewTicker(step)
	defer tick.Stop()
	for i := range int16(steps) {
		s.pointer(xproto.MotionNotify, 0, x*(i+1)/steps, y*(i+1)/steps)
		<-tick.C
	}
	if err := s.find(); err != nil {
		return err
	}
	s.send("XdndEnter", version<<24, uint32(s.atoms["text/uri-list"]), 0, 0)
	s.send("XdndPosition", 0, uint32(uint16(x))<<16|uint32(uint16(y)), 0, uint32(s.atoms["XdndActionCopy"]))
	status, err := s.await("XdndStatus")
	if err != nil {
		return err
	}
	if status.Data.Data32[1]&1 == 0 {
		return errors.New("the window does not want it")
	}
	return nil
}

func (s *source) pointer(kind, detail byte, x, y int16) {
	xtest.FakeInput(s.conn, kind, detail, 0, s.root, x, y, 0)
}

// find searches for the window below the pointer that accepts drops.
func (s *source) find() error {
	for w := s.root; w != 0; {
		at, err := xproto.QueryPointer(s.conn, w).Reply()
		if err != nil {
			return fmt.Errorf("look below the pointer: %w", err)
		}
		w = at.Child
		if w == 0 {
			break
		}
		aware, err := xproto.GetProperty(s.conn, false, w, s.atoms["XdndAware"], xproto.GetPropertyTypeAny, 0, 1).Reply()
		if err != nil {
			return fmt.Errorf("look below the pointer: %w", err)
		}
		if len(aware.Value) > 0 {
			s.target = w
			return nil
		}
	}
	return errors.New("no window takes drops there")
}

// drop releases the button, hands the files over and waits until they are accepted.
func (s *source) drop() error {
	s.pointer(xproto.ButtonRelease, 1, 0, 0)
	s.send("XdndDrop", 0, xproto.TimeCurrentTime, 0, 0)
	_, err := s.await("XdndFinished")
	return err
}

func (s *source) send(name string, data ...uint32) {
	m := xproto.ClientMessageEvent{
		Format: 32, Window: s.target, Type: s.atoms[name],
		Data: xproto.ClientMessageDataUnionData32New(append([]uint32{uint32(s.window)}, data...)),
	}
	xproto.SendEvent(s.conn, false, s.target, 0, string(m.Bytes()))
}

// await waits for an answer of the window, and hands the files over when it requests them.
func (s *source) await(name string) (xproto.ClientMessageEvent, error) {
	late := time.After(patience)
	for {
		select {
		case event := <-s.events:
			switch e := event.(type) {
			case nil:
				return xproto.ClientMessageEvent{}, errors.New("the display has gone")
			case xproto.ClientMessageEvent:
				if e.Type == s.atoms[name] {
					return e, nil
				}
			case xproto.SelectionRequestEvent:
				s.hand(e)
			}
		case <-late:
			return xproto.ClientMessageEvent{}, fmt.Errorf("the window does not answer with %s", name)
		}
	}
}

func (s *source) hand(e xproto.SelectionRequestEvent) {
	into := e.Property
	if e.Target == s.atoms["text/uri-list"] {
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, e.Requestor, into, e.Target, 8, uint32(len(s.list)),
			[]byte(s.list))
	} else {
		into = 0
	}
	note := xproto.SelectionNotifyEvent{
		Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target,
		Property: into,
	}
	xproto.SendEvent(s.conn, false, e.Requestor, 0, string(note.Bytes()))
}
