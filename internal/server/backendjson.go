package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxFields is how many fields a request may have; no operation knows as many.
	maxFields = 64
	// maxPattern is the longest pattern of usersget in bytes.
	maxPattern = 200
	// maxTokenField is the longest token in a request in bytes.
	maxTokenField = 4096
)

// addressPattern is an address in which * stands for anything.
type addressPattern string

// rawFields are the fields of a request, not decoded yet.
type rawFields map[string]json.RawMessage

// readFields takes a request apart. Package json alone would take names in any case, the last of two fields with one
// name, and text that is not Unicode, all of which it would make the same. What could be read is returned with an error
// too.
func readFields(body []byte) (rawFields, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, badRequest("the request is not JSON: it is wrong at byte %d", wrong.Offset)
		}
		return nil, badRequest("the request is not JSON")
	}
	if whole = bytes.TrimLeft(whole, " \t\r\n"); whole[0] != '{' {
		return nil, badRequest("the request is not a JSON object")
	}
	fields := make(rawFields)
	var repeated error
	d := json.NewDecoder(bytes.NewReader(whole))
	_, err := d.Token() // {
	for err == nil && d.More() {
		var (
			name  json.Token
			value json.RawMessage
		)
		if name, err = d.Token(); err == nil {
			err = d.Decode(&value)
		}
		key, _ := name.(string)
		if _, ok := fields[key]; ok {
			repeated = badRequest("the field %q is given more than once", short(key))
			continue
		}
		if len(fields) == maxFields {
			return fields, badRequest("the request has more than %d fields", maxFields)
		}
		fields[key] = value
	}
	switch {
	case err != nil:
		return nil, badRequest("the request is not JSON")
	case !wellFormed(body):
		return fields, badRequest("the request holds text that is not Unicode: bytes that are not UTF-8, or half of a surrogate pair")
	}
	return fields, repeated
}

// wellFormed tells whether valid JSON holds only Unicode text.
func wellFormed(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // what is escaped
		r := escaped(body[i:])
		if !utf16.IsSurrogate(r) {
			continue
		}
		i += len("uXXXX")
		if i+1 >= len(body) || body[i] != '\\' || utf16.DecodeRune(r, escaped(body[i+1:])) == utf8.RuneError {
			return false
		}
		i += len("uXXXX") // the other half
	}
	return true
}

// escaped is the number behind a backslash and u, -1 when it is another escape.
func escaped(b []byte) rune {
	const size = len("uXXXX")
	if len(b) < size || b[0] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(b[1:size]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// short is a name that a request holds, for the sentence about it.
func short(name string) string {
	const most = 50
	if len(name) > most {
		return name[:most] + "..."
	}
	return name
}

// decode reads one field; to is a pointer. The field may be absent. null is the same.
func (f rawFields) decode(name string, to any) error {
	raw := f[name]
	if raw == nil {
		return nil
	}
	v := reflect.ValueOf(to).Elem()
	// Package json would make bytes of a list of numbers as well.
	numbers := v.Type() == reflect.TypeFor[[]byte]() && raw[0] == '['
	if err := json.Unmarshal(raw, to); err != nil || numbers {
		return badRequest("the field %s is not %s", name, kindOf(v.Type()))
	}
	return checkLength(name, v)
}

// head reads what every request has. What could be read is returned with an error too.
func (f rawFields) head() (backendHead, error) {
	var head backendHead
	if err := f.decode("token", &head.Token); err != nil {
		return head, err
	}
	if err := f.decode("op", &head.Op); err != nil {
		head.Op = "" // it may be as long as the request
		return head, err
	}
	return head, nil
}

// kindOf says what a field of a type holds.
func kindOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[[]byte]():
		return "base64 text"
	case t.Kind() == reflect.Slice:
		return "a list of texts"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Uint32:
		return fmt.Sprintf("a whole number between 0 and %d", uint32(math.MaxUint32))
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int32:
		return fmt.Sprintf("a whole number between %d and %d", math.MinInt32, math.MaxInt32)
	default:
		return "text"
	}
}

// checkLength refuses a field that holds text that is too long.
func checkLength(name string, v reflect.Value) error {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	most := maxLength(name)
	switch {
	case v.Type() == reflect.TypeFor[addressPattern]():
		most = maxPattern
	case v.Type() == reflect.TypeFor[[]string]():
		for i := range v.Len() {
			if v.Index(i).Len() > most {
				return badRequest("the field %s holds text that is longer than %d bytes", name, most)
			}
		}
		return nil
	}
	if (v.Kind() == reflect.String || v.Kind() == reflect.Slice) && v.Len() > most {
		return badRequest("the field %s is longer than %d bytes", name, most)
	}
	return nil
}

// maxLength is how long the text of a field may be in bytes; in a list, each text.
func maxLength(name string) int {
	switch name {
	case "addr", "after", "from", "to", "m":
		return wire.MaxAddress
	case "status":
		return wire.MaxStatusText
	case "picture":
		return wire.MaxThumbnail
	case "picture_url":
		return wire.MaxURL
	case "msg":
		return wire.MaxText
	case "refid":
		return len("18446744073709551615")
	case "token", "usertoken":
		return maxTokenField
	case "key":
		return maxKey
	default: // op, name, appid, label, tokenid
		return wire.MaxName
	}
}

// requestFields are the places of the fields of a request's type by their names.
func requestFields(t reflect.Type) map[string][]int {
	places := make(map[string][]int)
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("json"); name != "" {
			places[name] = f.Index
		}
	}
	return places
}

// decodeRequest reads all fields into what req points to. places are those of its type.
func (f rawFields) decodeRequest(places map[string][]int, req any) error {
	v := reflect.ValueOf(req).Elem()
	for name := range f {
		place, ok := places[name]
		if !ok {
			return badRequest("the operation has no field %q", short(name))
		}
		if err := f.decode(name, v.FieldByIndex(place).Addr().Interface()); err != nil {
			return err
		}
	}
	return nil
}
