package sfu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// This file speaks to LiveKit's RoomService.

const (
	servicePath = "/twirp/livekit.RoomService/"
	serviceMost = 3 * time.Second // for one request
	answerMost  = 64 << 10        // bytes

	emptyTimeout  = 5 * 60 // seconds that a room waits for its first participant
	departTimeout = 60     // and for another one after the last has left

	tasksMost  = 4096
	taskTries  = 3
	taskPause  = 500 * time.Millisecond
	removePass = time.Second // after which a participant who was not there is looked for again
)

var errNotFound = errors.New("not found")

// request has the fields of all requests of RoomService that are used.
type request struct {
	Name             string      `json:"name,omitempty"`
	Room             string      `json:"room,omitempty"`
	Identity         string      `json:"identity,omitempty"`
	EmptyTimeout     int         `json:"empty_timeout,omitempty"`
	DepartureTimeout int         `json:"departure_timeout,omitempty"`
	MaxParticipants  int         `json:"max_participants,omitempty"`
	Permission       *permission `json:"permission,omitempty"`
}

type permission struct {
	CanSubscribe bool `json:"can_subscribe"`
	CanPublish   bool `json:"can_publish"`
}

// createRoom makes a room, unless there is one.
func (s *SFU) createRoom(ctx context.Context, base, room string) error {
	return s.ask(ctx, base, "CreateRoom", grant{RoomCreate: true}, &request{
		Name: room, EmptyTimeout: emptyTimeout, DepartureTimeout: departTimeout, MaxParticipants: s.c.MaxPeople,
	})
}

// ask sends a request. The error wraps errNotFound when there is no such room or participant.
func (s *SFU) ask(ctx context.Context, base, method string, g grant, req *request) error {
	ctx, cancel := context.WithTimeout(ctx, serviceMost)
	defer cancel()
	body, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+servicePath+method, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.token(g, "", serviceLife))
	res, err := s.client.Do(r)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, answerMost))
	_ = res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s: %w", method, errNotFound)
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s: %.200s", method, res.Status, answer)
	case err != nil:
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// task is a request that is not waited for.
type task struct {
	member

	what    taskKind
	publish bool
	again   bool // it was not found
}

type taskKind int

const (
	taskPermit taskKind = iota
	taskRemove
	taskDelete
)

// do queues a task.
func (s *SFU) do(t task) {
	s.mu.Lock()
	if len(s.tasks) < tasksMost {
		s.tasks = append(s.tasks, t)
	}
	s.mu.Unlock()
	s.signal(s.work)
}

// runTasks works on tasks in their order until ctx ends.
func (s *SFU) runTasks(ctx context.Context) {
	for {
		s.mu.Lock()
		tasks := s.tasks
		s.tasks = nil
		s.mu.Unlock()
		for _, t := range tasks {
			s.try(ctx, t)
		}
		if len(tasks) > 0 {
			continue
		}
		select {
		case <-s.work:
		case <-ctx.Done():
			return
		}
	}
}

// try works on a task, several times when that fails.
func (s *SFU) try(ctx context.Context, t task) {
	var err error
	for range taskTries {
		s.mu.Lock()
		base := s.base
		s.mu.Unlock()
		if base == "" || ctx.Err() != nil { // a child that starts has neither the participant nor a room that was closed
			return
		}
		if err = s.perform(ctx, base, t); err == nil || errors.Is(err, errNotFound) {
			break
		}
		select {
		case <-time.After(taskPause):
		case <-ctx.Done():
			return
		}
	}
	switch {
	case errors.Is(err, errNotFound):
		if t.what == taskRemove && !t.again { // it may have been about to connect
			t.again = true
			time.AfterFunc(removePass, func() { s.do(t) })
		}
	case err != nil:
		s.c.Logger.Warn("the SFU does not obey", slog.Any("error", err))
	}
}

func (s *SFU) perform(ctx context.Context, base string, t task) error {
	req := &request{Room: t.room, Identity: strconv.FormatUint(uint64(t.number), 10)}
	admin := grant{Room: t.room, RoomAdmin: true}
	switch t.what {
	case taskRemove:
		return s.ask(ctx, base, "RemoveParticipant", admin, req)
	case taskPermit:
		req.Permission = &permission{CanSubscribe: true, CanPublish: t.publish}
		return s.ask(ctx, base, "UpdateParticipant", admin, req)
	case taskDelete:
		return s.ask(ctx, base, "DeleteRoom", grant{RoomCreate: true}, &request{Room: t.room})
	}
	return nil
}
