package server

import (
	"context"
	"errors"
	"sync"

	"gorm.io/gorm"
)

// maxDirectory bounds the addresses kept in memory.
const maxDirectory = 50_000

// party is one end of a conversation.
type party struct {
	uid     uint32
	address string
}

// directory answers who an address belongs to, from memory when it can.
type directory struct {
	db      *gorm.DB // immutable, like lookups
	lookups *lookups

	mu    sync.Mutex
	known map[string]listed // by the address as it was asked for
	epoch int               // counts the calls of forget
}

// listed is an entry of the directory.
type listed struct {
	party
	disabled bool
}

// find returns an error that wraps ErrNoUser when nobody has the address.
func (d *directory) find(address string) (listed, error) {
	d.mu.Lock()
	p, ok := d.known[address]
	epoch := d.epoch
	d.mu.Unlock()
	if ok {
		return p, nil
	}
	var (
		u   userRow
		err error
	)
	d.lookups.do(func(ctx context.Context) { u, err = findUser(d.db.WithContext(ctx), address) })
	if err != nil {
		return listed{}, err
	}
	p = listed{party{uid: u.UID, address: u.Address}, u.Disabled}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.epoch == epoch { // else what was read may be older than the change
		if d.known == nil || len(d.known) >= maxDirectory {
			d.known = make(map[string]listed)
		}
		d.known[address] = p
	}
	return p, nil
}

// forget makes the directory ask the database again.
func (d *directory) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known = nil
	d.epoch++
}

// recipient is find for a message: nil when the address is nobody's, or of somebody disabled.
func (d *directory) recipient(address string) (*party, error) {
	p, err := d.find(address)
	if errors.Is(err, ErrNoUser) || (err == nil && p.disabled) {
		return nil, nil //nolint:nilnil // nobody is an answer here, not a failure
	}
	if err != nil {
		return nil, err
	}
	return &p.party, nil
}

// findAll splits addresses into users, each once, and the addresses that nobody has.
func (d *directory) findAll(addresses []string) (users []party, nobodys []string, err error) {
	return d.sort(addresses, func(listed) bool { return true })
}

// recipients is findAll without those who are disabled.
func (d *directory) recipients(addresses []string) (users []party, nobodys []string, err error) {
	return d.sort(addresses, func(p listed) bool { return !p.disabled })
}

func (d *directory) sort(addresses []string, good func(listed) bool) (users []party, nobodys []string, err error) {
	seen := make(map[uint32]bool)
	for _, address := range addresses {
		p, err := d.find(address)
		switch {
		case errors.Is(err, ErrNoUser) || (err == nil && !good(p)):
			nobodys = append(nobodys, address)
		case err != nil:
			return nil, nil, err
		case !seen[p.uid]:
			seen[p.uid] = true
			users = append(users, p.party)
		}
	}
	return users, nobodys, nil
}
