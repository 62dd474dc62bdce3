package text

import "testing"

func TestInitials(t *testing.T) {
	tests := map[string]string{
		"Alice Martin": "AM", "alice": "A", "": "?", "   ": "?", "Дора Иванова": "ДИ", "😀 Fred": "😀", "Fred 😀": "F",
		"Jean-Luc Picard": "JP", "+49 170": "41", "é\u0301 x": "É\u0301X",
		"👨‍👩‍👧 Family": "👨‍👩‍👧", "王小明": "王", "(Bob)": "B",
		"\x00\x01": "?",
	}
	for name, want := range tests {
		if got := Initials(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestOnlyEmoji(t *testing.T) {
	tests := map[string]bool{
		"😀": true, "😀 👍": true, "😀👍🎉": true, "😀😀😀😀": false, "a": false, "": false, "😀a": false, "❤️": true, "☎": false,
		"👨‍👩‍👧‍👦": true, "🇫🇷": true, "1️⃣": false, "✅": true, " ": false, "漢": false,
	}
	for s, want := range tests {
		if got := OnlyEmoji(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}
