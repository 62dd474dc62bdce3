package main

// talk is what the people say to Alice, and she to them from another device.
func (p *play) talk() error {
	climbing, err := p.group("chiara", "Climbing on Saturday", "alice", "bob", "dmitri")
	if err != nil {
		return err
	}
	books, err := p.group("eva", "Book club", "alice", "greta")
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return p.say("ivo", "alice", 0, "The bike is repaired, you can fetch it after five") },
		func() error {
			return p.say("layla", "alice", 0, "شكرًا جزيلًا على العشاء الرائع! 🌷")
		},
		func() error { return p.say("farid", "alice", 0, "Can you call me back tonight?") },
		func() error { return p.say("greta", "", books, "I have finished chapter nine. What an ending!") },
		func() error { return p.say("eva", "", books, "No spoilers please 🙈") },
		func() error { return p.say("dmitri", "alice", 0, "Thanks for the book. I cannot put it down") },
		func() error { return p.say("chiara", "", climbing, "Meet at nine at the station?") },
		func() error { return p.say("dmitri", "", climbing, "I bring the ropes") },
		func() error { return p.say("bob", "alice", 0, "We are up here, look at that!") },
		func() error { return p.show("bob", "alice", "hills.jpg", "The view from the hut") },
		func() error { return p.say("alice", "bob", 0, "Beautiful! Is there still snow on the north side?") },
		func() error {
			return p.react("bob", "alice", "Beautiful! Is there still snow on the north side?", "😍")
		},
		func() error { return p.say("bob", "alice", 0, "A little. The path is **dry**, but bring _good_ shoes") },
		func() error { return p.say("alice", "bob", 0, "👍") },
		func() error {
			return p.say("bob", "alice", 0, "Train at 8:12, platform 4. Tickets: https://example.org/tickets")
		},
		func() error { return p.say("alice", "bob", 0, "Got them. See you on Saturday!") },
		func() error { return p.react("bob", "alice", "Got them. See you on Saturday!", "❤️") },
		func() error { return p.say("chiara", "", climbing, "@alice do you still have my helmet?") },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
