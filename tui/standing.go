package tui

import (
	"strconv"
	"strings"
	"time"

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
		return []string{first, "    " + look.warn.Render(look.glyph.lead(look.glyph.warn)+"not finished") + look.dim.Render("; it goes on where it was stopped")}
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
	return look.barOf(style, lifeWidth, left, whole) + "  " + style.Render(says)
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
	verdict := look.dim.Render(look.glyph.todo + " never checked")
	age := ""
	if !s.Checked.IsZero() {
		age = " " + ago(now.Sub(s.Checked))
	}
	switch s.Verdict {
	case "healthy":
		verdict = look.good.Render(look.glyph.done+" healthy") + look.dim.Render(age)
	case "unhealthy":
		verdict = look.bad.Render(strings.TrimSpace(look.glyph.fail+" unhealthy "+clean(s.Cause))) + look.dim.Render(age)
	case "unknown":
		verdict = look.warn.Render(look.glyph.unknown+" could not tell") + look.dim.Render(age)
	}
	parts := []string{short(s.Subject, min(width, 40)), verdict}
	if !s.Session.IsZero() {
		parts = append(parts, look.dim.Render("last session "+ago(now.Sub(s.Session))))
	}
	var lines []string
	for _, l := range flowing(parts, width) {
		lines = append(lines, "    "+l)
	}
	return lines
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
