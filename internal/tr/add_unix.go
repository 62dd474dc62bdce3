//go:build !windows && !darwin

package tr

import (
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// add loads a translation and selects it. The toolkit selects what is closest to the user's locale, which it looks up in
// the environment, whenever it gets a translation.
func add(tag string, data []byte) error {
	want := map[string]string{"LC_ALL": "", "LC_MESSAGES": "", "LANG": tag, "LANGUAGE": tag}
	for name, value := range want {
		before, set := os.LookupEnv(name)
		if err := os.Setenv(name, value); err != nil {
			return err //nolint:wrapcheck // use does
		}
		defer func() {
			if set {
				_ = os.Setenv(name, before) // as it could be set a moment ago
			} else {
				_ = os.Unsetenv(name)
			}
		}()
	}
	return lang.AddTranslations(fyne.NewStaticResource(tag+".json", data)) //nolint:wrapcheck // use does
}
