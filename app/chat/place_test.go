package chat

import "testing"

func TestDegrees(t *testing.T) {
	for want, at := range map[string][2]float64{
		"48.87064° N, 2.33183° E":   {48.870637, 2.331829},
		"33.86785° S, 151.20732° E": {-33.86785, 151.20732},
		"0.00000° N, 70.50000° W":   {0, -70.5},
	} {
		if got := degrees(at[0], at[1]); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
