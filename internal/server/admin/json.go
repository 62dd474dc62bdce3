package admin

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

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxFields is the maximum number of fields in a request; no operation has as many.
	maxFields = 64
	// maxPattern is the maximum length of a pattern of usersget in bytes.
	maxPattern = 200
	// maxTokenField is the maximum length of a token in a request in bytes.
	maxTokenField = 4096
)

// addressPattern is an address with * as a wildcard.
type addressPattern string

// rawFields are the undecoded fields of a request.
type rawFields map[string]json.RawMessage

// readFields splits a request into its fields. It is stricter than package json, which accepts names in any case,
// repeated fields and invalid Unicode. With an error it returns the fields read so far.
func readFields(body []byte) (rawFields, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, refusal.Bad("the request is not valid JSON: there is a syntax error at byte %d", wrong.Offset)
		}
		return nil, refusal.Bad("the request is not valid JSON")
	}
	if whole = bytes.TrimLeft(whole, " \t\r\n"); whole[0] != '{' {
		return nil, refusal.Bad("the request is not a JSON object")
	}
	fields := make(rawFields)
	var repeated error
	d := json.NewDecoder(bytes.NewReader(whole))
	_, err := d.Token() // the opening brace
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
			repeated = refusal.Bad("the field %q appears more than once", short(key))
			continue
		}
		if len(fields) == maxFields {
			return fields, refusal.Bad("the request has more than %d fields", maxFields)
		}
		fields[key] = value
	}
	switch {
	case err != nil:
		return nil, refusal.Bad("the request is not JSON")
	case !wellFormed(body):
		return fields, refusal.Bad("the request contains invalid Unicode: invalid UTF-8 or half of a surrogate pair")
	}
	return fields, repeated
}

// wellFormed reports whether all text in valid JSON is valid Unicode.
func wellFormed(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // the escaped character
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

// escaped returns the number of a \u escape, or -1 for other escapes.
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

// short truncates a field name of a request for an error message.
func short(name string) string {
	const most = 50
	if len(name) > most {
		return name[:most] + "..."
	}
	return name
}

// decode decodes one field into the pointer to. An absent field and null leave it unchanged.
func (f rawFields) decode(name string, to any) error {
	raw := f[name]
	if raw == nil {
		return nil
	}
	v := reflect.ValueOf(to).Elem()
	// Package json would also decode a list of numbers into bytes.
	numbers := v.Type() == reflect.TypeFor[[]byte]() && raw[0] == '['
	if err := json.Unmarshal(raw, to); err != nil || numbers {
		return refusal.Bad("the field %s must be %s", name, kindOf(v.Type()))
	}
	return checkLength(name, v)
}

// head decodes the common fields. With an error it returns the fields decoded so far.
func (f rawFields) head() (requestHead, error) {
	var head requestHead
	if err := f.decode("token", &head.Token); err != nil {
		return head, err
	}
	if err := f.decode("op", &head.Op); err != nil {
		head.Op = "" // it may be as long as the request
		return head, err
	}
	return head, nil
}

// kindOf describes the values of a field type.
func kindOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[[]byte]():
		return "base64 text"
	case t.Kind() == reflect.Slice:
		return "a list of strings"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Uint32:
		return fmt.Sprintf("a whole number between 0 and %d", uint32(math.MaxUint32))
	case t.Kind() == reflect.Int64:
		return "a whole number"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int32:
		return fmt.Sprintf("a whole number between %d and %d", math.MinInt32, math.MaxInt32)
	default:
		return "text"
	}
}

// checkLength refuses a field with text that is too long.
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
				return refusal.Bad("the field %s contains text longer than %d bytes", name, most)
			}
		}
		return nil
	}
	if (v.Kind() == reflect.String || v.Kind() == reflect.Slice) && v.Len() > most {
		return refusal.Bad("the field %s is longer than %d bytes", name, most)
	}
	return nil
}

// maxLength returns the maximum length of the text of a field in bytes; in a list, of each text.
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
	case "reason":
		return wire.MaxReason
	case "note":
		return accounts.MaxNote
	default: // op, name, appid, label, tokenid
		return wire.MaxName
	}
}

// requestFields maps the names of a request type's fields to their indexes.
func requestFields(t reflect.Type) map[string][]int {
	places := make(map[string][]int)
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("json"); name != "" {
			places[name] = f.Index
		}
	}
	return places
}

// decodeRequest decodes all fields into req, a pointer. places is the result of requestFields for its type.
func (f rawFields) decodeRequest(places map[string][]int, req any) error {
	v := reflect.ValueOf(req).Elem()
	for name := range f {
		place, ok := places[name]
		if !ok {
			return refusal.Bad("the operation has no field %q", short(name))
		}
		if err := f.decode(name, v.FieldByIndex(place).Addr().Interface()); err != nil {
			return err
		}
	}
	return nil
}
