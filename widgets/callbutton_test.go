package widgets

import (
	"testing"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// The words below the buttons of a call have the width of a button, in each language.
func TestCallButton_words(t *testing.T) {
	t.Cleanup(func() {
		if err := tr.Use("en"); err != nil {
			t.Error(err)
		}
	})
	set, font := text.NewTypesetter(), text.Font{Size: TextSmall}
	for _, language := range tr.Languages() {
		if err := tr.Use(language.Tag); err != nil {
			t.Fatal(err)
		}
		row := []string{
			tr.X("Mute", "microphone"), tr.X("Unmute", "microphone"), tr.L("Camera off"), tr.L("Camera on"),
			tr.L("Share screen"), tr.L("Stop sharing"), tr.X("Hold", "call"), tr.X("Resume", "call"), tr.L("Devices"),
			tr.L("Hang up"), tr.L("Cancel"), tr.X("Leave", "call"),
		}
		for _, words := range row {
			if width := set.LineWidth(words, font); width > callButton-4 {
				t.Errorf("%s: %q is %.0f wide, want at most %.0f", language.Tag, words, width, callButton-4)
			}
		}
		apart := []string{
			tr.L("Answer"), tr.L("Decline"), tr.L("Without video"), tr.L("Ignore"), tr.L("Join"), tr.L("Join with video"),
			tr.L("Close"), tr.L("Call again"), tr.L("Join again"),
		}
		for _, words := range apart {
			if width := set.LineWidth(words, font); width > callButton+2*callEdge-4 {
				t.Errorf("%s: %q is %.0f wide, want at most %.0f", language.Tag, words, width, callButton+2*callEdge-4)
			}
		}
	}
}
