package mesibo

import (
	"fmt"
	"reflect"
	"strings"
)

// listenerInterfaces are what AddListener looks for. No method is in two of them.
func listenerInterfaces() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[ConnectionListener](), reflect.TypeFor[MessageListener](), reflect.TypeFor[MessageReceiver](),
		reflect.TypeFor[MessageUpdateListener](), reflect.TypeFor[MessageFilter](), reflect.TypeFor[PresenceListener](),
		reflect.TypeFor[GroupListener](), reflect.TypeFor[SyncListener](), reflect.TypeFor[ReadListener](),
		reflect.TypeFor[ProfileListener](), reflect.TypeFor[FileTransferHandler](),
		reflect.TypeFor[FileTransferListener](), reflect.TypeFor[SendFolderListener](),
		reflect.TypeFor[DisappearListener](), reflect.TypeFor[InvitationListener](), reflect.TypeFor[CallListener](), reflect.TypeFor[GroupCallStateListener](),
	}
}

// checkListener returns what is wrong with a listener: it has none of the interfaces (ErrNoListener), or a part of
// one (ErrPartialListener), which would never be called.
func checkListener(listener any) error {
	t := reflect.TypeOf(listener)
	if t == nil {
		return ErrNoListener
	}
	some := false
	for _, want := range listenerInterfaces() {
		if t.Implements(want) {
			some = true
			continue
		}
		if wrong := missing(t, want); wrong != "" {
			return fmt.Errorf("%w: %v has methods of %s, but %s", ErrPartialListener, t, want.Name(), wrong)
		}
	}
	switch {
	case some:
		return nil
	case t.Kind() != reflect.Pointer && checkListener(reflect.New(t).Interface()) == nil:
		return fmt.Errorf("%w: the methods are those of *%v, pass a pointer", ErrNoListener, t)
	}
	return ErrNoListener
}

// missing says what a type lacks of an interface, empty when it has none of its methods.
func missing(t, want reflect.Type) string {
	var lacks, wrong []string
	for method := range want.Methods() {
		has, ok := t.MethodByName(method.Name)
		if !ok {
			lacks = append(lacks, method.Name)
			continue
		}
		if got, need := signature(has.Type, true), signature(method.Type, false); got != need {
			wrong = append(wrong, fmt.Sprintf("%s is func%s and has to be func%s", method.Name, got, need))
		}
	}
	if len(lacks) == want.NumMethod() {
		return ""
	}
	if len(lacks) > 0 {
		wrong = append(wrong, "lacks "+strings.Join(lacks, ", "))
	}
	return strings.Join(wrong, "; ")
}

// signature writes parameters and results; the first parameter of a type's method is its receiver.
func signature(f reflect.Type, method bool) string {
	first := 0
	if method {
		first = 1
	}
	var in, out []string
	for i := first; i < f.NumIn(); i++ {
		in = append(in, f.In(i).String())
	}
	for result := range f.Outs() {
		out = append(out, result.String())
	}
	text := "(" + strings.Join(in, ", ") + ")"
	switch len(out) {
	case 0:
		return text
	case 1:
		return text + " " + out[0]
	}
	return text + " (" + strings.Join(out, ", ") + ")"
}
