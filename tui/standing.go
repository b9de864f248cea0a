package tui

import (
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// lifeWidth is the width of the bar of a certificate's life.
const lifeWidth = 20

// lines are a set-up: its name and where, the life of its certificate, what was
// last seen of it.
func (s Standing) lines(here bool, now time.Time, width int, look theme) []string {
	lead, name := "  ", cell(s.Name, 16)
	if here {
		lead, name = look.accent.Render(look.glyph.caret+" "), look.title.Render(name)
	}
	first := lead + name
	places, _ := places(Header{Mode: s.Mode, Account: s.Account, Region: s.Region}, look.glyph.dot)
	for _, where := range places {
		if ansi.StringWidth(first)+2+ansi.StringWidth(where) <= width {
			first += "  " + look.dim.Render(where)
			break
		}
	}
	switch {
	case s.Problem != "":
		return append([]string{first}, indent(wrap(s.Problem, width-4), look.bad.Render(look.glyph.lead(look.glyph.fail)))...)
	case s.Waits:
		return []string{first, "    " + look.warn.Render(look.glyph.lead(look.glyph.warn)+"waits for the answer to its request") + look.dim.Render("; it goes on with that")}
	case s.Unfinished:
		return append([]string{first}, s.halfway(width, look)...)
	}
	life := s.life(now, look)
	if width >= lifeBeside {
		first = pad(ansi.Truncate(first, width-lifeColumn-2, ""), width-lifeColumn) + life
		life = ""
	}
	lines := []string{first}
	if life != "" {
		lines = append(lines, "    "+life)
	}
	return append(lines, s.seen(now, width-4, look)...)
}

// halfway is what is said of a set-up that was stopped.
func (s Standing) halfway(width int, look theme) []string {
	lines := indent(wrap("not finished; it goes on where it was stopped", width-7), look.warn.Render(look.glyph.lead(look.glyph.warn)))
	for i, l := range lines {
		if said, rest, ok := strings.Cut(l, "not finished"); ok {
			lines[i] = said + look.warn.Render("not finished") + look.dim.Render(rest)
		} else {
			lines[i] = look.dim.Render(l)
		}
	}
	return lines
}

// lifeInLine are the columns from which every set-up's life fits beside its verdict.
const lifeInLine = 70

// line is a set-up in one line, among many: its name, the last verdict and what is
// left of its certificate.
func (s Standing) line(now time.Time, width int, look theme) string {
	says := s.verdict(now, look)
	switch {
	case s.Problem != "":
		says = look.bad.Render(look.glyph.lead(look.glyph.fail)) + head(s.Problem, width-24)
	case s.Unfinished:
		says = look.warn.Render(look.glyph.lead(look.glyph.warn) + "not finished")
	default:
		if _, left := lifeWords(s.NotBefore, s.NotAfter, now, look); width >= lifeInLine {
			says = pad(says, max(ansi.StringWidth(says), width-24-lifeWidth)) + "  " + left
		}
	}
	return "  " + cell(s.Name, 16) + "  " + says
}

// lifeColumn is where the bar begins, from the right: all bars of a list stand
// under each other. It stands beside the name from lifeBeside columns on.
const (
	lifeColumn = lifeWidth + 22
	lifeBeside = 106
)

// indent puts lead before the first line and blanks before the others.
func indent(lines []string, lead string) []string {
	for i := range lines {
		if i == 0 {
			lines[i] = "    " + lead + lines[i]
		} else {
			lines[i] = "    " + strings.Repeat(" ", ansi.StringWidth(lead)) + lines[i]
		}
	}
	return lines
}

// life is how much of the certificate's life is left, as a bar and in words. A
// third is when it should be renewed.
func (s Standing) life(now time.Time, look theme) string {
	return lifeBar(s.NotBefore, s.NotAfter, now, look)
}

func lifeBar(from, to, now time.Time, look theme) string {
	style, says := lifeWords(from, to, now, look)
	return look.barOf(style, lifeWidth, to.Sub(now), to.Sub(from)) + "  " + says
}

// lifeWords are the words beside the bar, and the style of both.
func lifeWords(from, to, now time.Time, look theme) (lipgloss.Style, string) {
	whole, left := to.Sub(from), to.Sub(now)
	style, says := look.good, daysLeft(left, whole)
	switch {
	case left <= 0:
		style, says = look.bad, look.glyph.fail+" expired"
	case now.Before(from):
		style, says = look.warn, look.glyph.warn+" not valid yet"
	case left*3 < whole:
		style, says = look.warn, look.glyph.warn+" "+says
	}
	return style, style.Render(says)
}

// daysLeft is a remaining life in the unit that is read best.
func daysLeft(left, whole time.Duration) string {
	const day = 24 * time.Hour
	if whole < 3*day {
		return strconv.Itoa(int(left.Hours())) + " of " + strconv.Itoa(int(whole.Hours()+0.5)) + " hours"
	}
	return strconv.Itoa(int(left/day)) + " of " + strconv.Itoa(int(whole.Hours()/24+0.5)) + " days"
}

// seen is the name, the last verdict and the last session, with their age.
func (s Standing) seen(now time.Time, width int, look theme) []string {
	parts := []string{short(s.Subject, min(width, 40)), s.verdict(now, look)}
	if !s.Session.IsZero() {
		parts = append(parts, look.dim.Render("last session "+ago(now.Sub(s.Session))))
	}
	var lines []string
	for _, l := range flowing(parts, width) {
		lines = append(lines, "    "+l)
	}
	return lines
}

// verdict is the doctor's last word, and how old it is.
func (s Standing) verdict(now time.Time, look theme) string {
	age := ""
	if !s.Checked.IsZero() {
		age = " " + ago(now.Sub(s.Checked))
	}
	switch s.Verdict {
	case "healthy":
		return look.good.Render(look.glyph.lead(look.glyph.done)+"healthy") + look.dim.Render(age)
	case "unhealthy":
		return look.bad.Render(strings.TrimSpace(look.glyph.lead(look.glyph.fail)+"unhealthy "+clean(s.Cause))) + look.dim.Render(age)
	case "unknown":
		return look.warn.Render(look.glyph.lead(look.glyph.unknown)+"could not tell") + look.dim.Render(age)
	}
	return look.dim.Render(look.glyph.lead(look.glyph.todo) + "never checked")
}

// ago is an age in one unit.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min ago"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h ago"
	}
	return strconv.Itoa(int(d.Hours()/24)) + " days ago"
}
