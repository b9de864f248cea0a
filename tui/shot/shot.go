// Package shot draws what a terminal shows as an SVG picture: its cells, not a
// likeness of them. Only tests import it; the pictures of the documentation are
// made with it from the running program, so they cannot show what it does not.
package shot

import (
	"fmt"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
)

// Screen is the cells of a terminal.
type Screen interface {
	CellAt(x, y int) *uv.Cell
	Width() int
	Height() int
}

// The size of a cell and of the letters in it, in pixels. Lines join at this
// height in DejaVu Sans Mono, Menlo and Consolas.
const (
	cellWidth  = 8.43
	cellHeight = 17.0
	fontSize   = 14
	padding    = 12
)

// Paper is what stands behind the cells.
type Paper struct{ Background, Text string }

// The two papers.
var (
	Dark  = Paper{"#161b22", "#e6edf3"}
	Light = Paper{"#ffffff", "#1f2328"}
)

// SVG is the picture of a screen. Fonts are named, not embedded: any monospace
// font will do.
func SVG(s Screen, paper Paper) []byte {
	var b strings.Builder
	width, height := float64(s.Width())*cellWidth+2*padding, float64(s.Height())*cellHeight+2*padding
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper.Background)
	fmt.Fprintf(&b, `<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="%d" fill="%s" xml:space="preserve">`+"\n", fontSize, paper.Text)
	for y := range s.Height() {
		line(&b, s, y, paper)
	}
	b.WriteString("</g>\n</svg>\n")
	return []byte(b.String())
}

// line draws one row: first what lies behind the letters, then runs of letters
// of one style.
func line(b *strings.Builder, s Screen, y int, paper Paper) {
	top := padding + float64(y)*cellHeight
	for x := 0; x < s.Width(); {
		from, look := x, lookAt(s, x, y, paper)
		text := ""
		for x < s.Width() && lookAt(s, x, y, paper) == look {
			c := s.CellAt(x, y)
			if c == nil || c.Content == "" {
				text += " "
				x++
				continue
			}
			text += c.Content
			x += max(1, c.Width)
		}
		left := padding + float64(from)*cellWidth
		if look.back != "" {
			fmt.Fprintf(b, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s"/>`+"\n", left, top, float64(x-from)*cellWidth, cellHeight, look.back)
		}
		if strings.TrimSpace(text) != "" {
			fmt.Fprintf(b, `<text x="%.2f" y="%.2f" textLength="%.2f"%s>%s</text>`+"\n", left, top+fontSize-0.5, float64(x-from)*cellWidth, look.attributes(), escaper.Replace(text))
		}
	}
}

// look is how a cell is drawn.
type look struct {
	ink, back                string
	bold, underline, reverse bool
}

func lookAt(s Screen, x, y int, paper Paper) look {
	c := s.CellAt(x, y)
	if c == nil {
		return look{}
	}
	l := look{ink: hex(c.Style.Fg), back: hex(c.Style.Bg), bold: c.Style.Attrs&uv.AttrBold != 0, underline: c.Style.Underline != 0}
	if c.Style.Attrs&uv.AttrReverse != 0 {
		l.ink, l.back = or(l.back, paper.Background), or(l.ink, paper.Text)
	}
	return l
}

func (l look) attributes() string {
	out := ""
	if l.ink != "" {
		out += ` fill="` + l.ink + `"`
	}
	if l.bold {
		out += ` font-weight="bold"`
	}
	if l.underline {
		out += ` text-decoration="underline"`
	}
	return out
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// hex is a colour as SVG writes it; empty for the terminal's own.
func hex(c color.Color) string {
	if c == nil {
		return ""
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
