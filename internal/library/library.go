// Package library loads libraries of the system while the program runs: the build needs none of them, and a machine
// without one only lacks what it is for.
package library

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// Names are the file names of one library, the wanted first.
type Names struct {
	Unix    []string
	Darwin  []string
	Windows []string
}

// Library is a loaded library. It stays loaded.
type Library struct{ handle uintptr }

var errNone = errors.New("the library was not found")

// Open loads the first library of the names that the system finds.
func Open(n Names) (*Library, error) {
	all := []error{errNone}
	for _, file := range files(n) {
		handle, err := open(file)
		if err == nil {
			return &Library{handle}, nil
		}
		all = append(all, err)
	}
	return nil, errors.Join(all...)
}

// Load opens the first library of the names that the system finds, and registers functions. See Register.
func Load(n Names, functions map[string]any) (*Library, error) {
	l, err := Open(n)
	if err != nil {
		return nil, err
	}
	returnMemory()
	return l, l.Register(functions)
}

// Register makes Go functions call those of the library. functions has pointers to them by name. An error means that it
// is another library than expected.
func (l *Library) Register(functions map[string]any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("register: %v", r)
		}
	}()
	for name, f := range functions {
		register(f, l.handle, name)
	}
	return nil
}

// Control calls a C function with variable arguments: int f(void *object, int request, ...).
type Control func(object unsafe.Pointer, request int32, value int) int32

// Control returns the function of that name.
func (l *Library) Control(name string) (Control, error) {
	if runtime.GOOS != "darwin" || runtime.GOARCH != "arm64" {
		var f Control
		return f, l.Register(map[string]any{name: &f})
	}
	// Here arguments in place of "..." go to the stack: behind as many as the registers hold.
	var f func(object unsafe.Pointer, request int32, r2, r3, r4, r5, r6, r7, value int) int32
	err := l.Register(map[string]any{name: &f})
	return func(object unsafe.Pointer, request int32, value int) int32 {
		return f(object, request, 0, 0, 0, 0, 0, 0, value)
	}, err
}
