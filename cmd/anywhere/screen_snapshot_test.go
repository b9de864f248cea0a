//go:build unix

package main

import (
	"fmt"
	"image/color"
	"regexp"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
)

// snapshot is what a terminal shows at one moment, with fixed text where every run
// draws another: ids, serials, times and ports. It is a screen that can be drawn.
type snapshot struct {
	width, height int
	cells         [][]uv.Cell
}

// CellAt, Width and Height make it one.
func (s snapshot) CellAt(x, y int) *uv.Cell { return &s.cells[y][x] }
func (s snapshot) Width() int               { return s.width }
func (s snapshot) Height() int              { return s.height }

// snap takes a snapshot.
func (s *seat) snap() snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	shot := snapshot{width: s.emu.Width(), height: s.emu.Height()}
	for y := range shot.height {
		row := make([]uv.Cell, shot.width)
		for x := range row {
			if c := s.emu.CellAt(x, y); c != nil {
				row[x] = *c
			}
		}
		fixRow(row)
		for x, c := range row {
			// A blank keeps the ink of what stood there before, or not, as it was painted;
			// so does one that fixRow put in the place of a digit.
			if strings.TrimSpace(c.Content) == "" && c.Style.Bg == nil && c.Style.Attrs&uv.AttrReverse == 0 {
				row[x] = uv.Cell{Content: " ", Width: 1}
			}
		}
		shot.cells = append(shot.cells, row)
	}
	return shot
}

// never are the parts of a screen that no two runs have in common, and what stands
// in their place in a golden. Each is as wide as what it replaces.
var never = []struct {
	form *regexp.Regexp
	as   string // repeated, and cut to the width
}{
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{1,4}[0-9a-f-]{0,18}`), "8f3a0c1e-5b42-4c66-9f70-5895b422a990"},
	{regexp.MustCompile(`\b(?:[0-9A-F]{2}:){9,}[0-9A-F]{0,2}`), "2A:99:02:11:97:21:AB:7B:5C:19:A8:78:C4:C6:6A:F7"},
	{regexp.MustCompile(`0x[0-9a-f]{8,}`), "0x2a9902119721ab7b5c19a878c4c66af7"},
	{regexp.MustCompile(`\bAnywhere[0-9a-f]{8}\b`), "Anywhere7f3a91c2"},
	{regexp.MustCompile(`\b[0-9a-f]{13,}\b|\b[0-9a-f]{8,11}\b`), "7f3a91c2d84b06e57f3a91c2d84b06e5"}, // an account has 12
	{regexp.MustCompile(`\b[0-9a-f]{3,}\.\.\.[0-9a-f]{3,}\b`), "7f3a91...06e5"},
	{regexp.MustCompile(`\.\.\.[0-9a-f]{4,}\b`), "...06e57f3a91c2d84b06e57f3a91c2d84b"},
	{regexp.MustCompile(`^ +(?:[0-9A-F]{0,2}:)+[0-9A-F]{2}$|^ +[0-9a-f]{1,11}$`), strings.Repeat(" ", 120)}, // a serial or a sum that went on
	{regexp.MustCompile(`\b20[2-4]\d-\d\d-\d\d \d\d:\d\d\b`), "2026-03-01 12:00"},
	{regexp.MustCompile(`\b20[2-4]\d-\d\d-\d\d\b`), "2026-03-01"},
	{regexp.MustCompile(`2026-03-01 12:00 to 2026-03-01 12:00`), "2026-03-01 12:00 to 2026-05-30 12:00"}, // a life ends after it begins
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "12:00:00"},
	{regexp.MustCompile(`\b\d\d:\d\d UTC\b`), "12:00 UTC"},
	{regexp.MustCompile(`\b\d\d\.\d s\b`), " 0.4 s"},
	{regexp.MustCompile(`\b\d\.\d s\b`), "0.4 s"},
	{regexp.MustCompile(`\b\d min \d\d s$`), "       7 s"},
	{regexp.MustCompile(`\b\d min \d s$`), "      7 s"},
	{regexp.MustCompile(`[ \d]\d s$`), " 7 s"},
	// The same with the picture of the chain at its right.
	{regexp.MustCompile(`\b\d min \d\d s  `), "       7 s  "},
	{regexp.MustCompile(`\b\d min \d s  `), "      7 s  "},
	{regexp.MustCompile(`[ \d]\d s  `), " 7 s  "},
	{regexp.MustCompile(`127\.0\.0\.1:\d{5}\b`), "127.0.0.1:49152"},
	{regexp.MustCompile(`127\.0\.0\.1:\d{4}\b`), "127.0.0.1:9912"},
}

// program is what names the program, which lies in a folder of another length in
// every run, to the end of its row.
var program = regexp.MustCompile(`(credential_process = )\S.*|()/\S*testscript.*|()/\S+/(?:\.anywhere/|request\.pem).*`)

// fixRow puts what never changes in the place of what always does.
func fixRow(row []uv.Cell) {
	text := strings.TrimRight(rowText(row), " ")
	if at := program.FindStringIndex(text); at != nil {
		text = text[:at[0]] + program.ReplaceAllString(text[at[0]:], "$1...")
		for x := min(len(row), len([]rune(text))); x < len(row); x++ {
			row[x] = uv.Cell{}
		}
	}
	was := []rune(rowText(row))
	for _, n := range never {
		text = n.form.ReplaceAllStringFunc(text, func(found string) string {
			return strings.Repeat(n.as, 1+len(found)/len(n.as))[:len(found)]
		})
	}
	for x, r := range []rune(text) {
		if x < len(row) && r != was[x] {
			row[x].Content = string(r)
		}
	}
}

// rowText is a row with one rune for each of its cells.
func rowText(row []uv.Cell) string {
	var b strings.Builder
	for _, c := range row {
		r := []rune(c.Content + " ")[0]
		b.WriteRune(r)
	}
	return b.String()
}

func (s snapshot) text() string {
	var b strings.Builder
	for _, row := range s.cells {
		b.WriteString(strings.TrimRight(rowText(row), " ") + "\n")
	}
	return b.String()
}

// ink is how every cell is drawn: a letter for each way, and under it what the
// letters mean. Blank cells without a background have none.
func (s snapshot) ink() string {
	var b, legend strings.Builder
	letters := map[string]rune{"": ' '}
	for _, row := range s.cells {
		line := ""
		for _, c := range row {
			way := inkOf(c)
			if _, known := letters[way]; !known {
				letters[way] = rune('a' + len(letters) - 1)
				fmt.Fprintf(&legend, "%c %s\n", letters[way], way)
			}
			line += string(letters[way])
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String() + legend.String()
}

// inkOf is one way of drawing, such as bold #6cb6ff.
func inkOf(c uv.Cell) string {
	blank := strings.TrimSpace(c.Content) == ""
	reverse := c.Style.Attrs&uv.AttrReverse != 0
	var parts []string
	if c.Style.Attrs&uv.AttrBold != 0 && !blank {
		parts = append(parts, "bold")
	}
	if reverse {
		parts = append(parts, "reverse")
	}
	if !blank || reverse {
		parts = append(parts, colourName(c.Style.Fg))
	}
	if name := colourName(c.Style.Bg); name != "" {
		parts = append(parts, "on "+name)
	}
	if c.Link.URL != "" {
		parts = append(parts, "link")
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

func colourName(c color.Color) string {
	if c == nil {
		return ""
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
