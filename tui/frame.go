package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// The smallest window in which a question with its reason can be read.
const (
	leastWidth  = 40
	leastHeight = 12
)

// margin is left free at both sides.
const margin = 2

// View draws the frame and clips, so that no screen can push the footer off.
func (a app) View() tea.View {
	v := tea.NewView(a.frame())
	v.AltScreen = true
	v.WindowTitle = "anywhere: " + a.what()
	if p, ok := a.stack[0].(interface{ progress() (done, of int) }); ok && a.job.writes {
		done, of := p.progress()
		v.ProgressBar = tea.NewProgressBar(tea.ProgressBarDefault, 100*done/max(1, of))
	}
	return v
}

// frame is the whole window: header, a blank line, the screen, a line for what is
// going on, the keys.
func (a app) frame() string {
	if a.width < leastWidth || a.height < leastHeight {
		return small(a.width, a.height)
	}
	in := a.room()
	width := in.width
	lines := append(headerLines(a.what(), a.header, width, a.look), "")
	lines = append(lines, clip(strings.Split(a.top().View(width, in.height, a.look), "\n"), width, in.height)...)
	lines = append(lines, a.status(width), footer(a.footerKeys(), !a.deaf() || a.waits(), !a.top().Lesson().empty(), width, a.look))
	left := strings.Repeat(" ", margin)
	for i, line := range lines {
		if line != "" {
			lines[i] = left + ansi.Truncate(line, width, "")
		}
	}
	return strings.Join(lines, "\n")
}

// room is what the frame leaves to the screen: a header and a blank line above, two
// lines below.
func (a app) room() room {
	width := a.width - 2*margin
	return room{width, a.height - len(headerLines(a.what(), a.header, width, a.look)) - 3, a.look}
}

// what says what is being done, for which set-up, on which screen.
func (a app) what() string {
	says := a.flow.name()
	if a.header.Setup != "" {
		says += " " + short(a.header.Setup, 32)
	}
	if t := a.top().Title(); t != "" {
		says += " " + a.look.glyph.arrow + " " + t
	}
	return says
}

// status is the line above the keys.
func (a app) status(width int) string {
	switch {
	case a.job.running() && (!a.job.writes || a.stopping):
		return a.look.dim.Render(short(a.job.says+" ...", width))
	case a.leaving && a.note != "":
		return a.look.warn.Render(a.look.glyph.lead(a.look.glyph.warn)) + head(a.note, width-3)
	case a.note != "":
		return a.look.good.Render(a.look.glyph.done+" ") + a.note
	}
	return ""
}

// small is all that a very small window gets.
func small(width, height int) string {
	says := wrap("This window is too small. Please make it at least 40 columns by 12 lines; nothing is lost.", max(1, width))
	return strings.Join(clip(says, width, min(height, len(says))), "\n")
}

// headerLines are the program, what it does, and at the right where: the account,
// the Region and who is asking. Where there is no room beside each other for all
// of it, where gets a line of its own; only there a name is ever cut.
func headerLines(what string, h Header, width int, look theme) []string {
	left := look.title.Render("anywhere") + "  " + what
	whole, cut := places(h, look.glyph.dot)
	for _, w := range whole {
		if ansi.StringWidth(w) <= width-ansi.StringWidth(left)-2 {
			return []string{pad(left, width-ansi.StringWidth(w)) + look.dim.Render(w)}
		}
	}
	where := append(whole, cut...)
	for _, w := range where {
		if ansi.StringWidth(w) <= width {
			return []string{left, look.dim.Render(w)}
		}
	}
	return []string{left, look.dim.Render(short(where[len(where)-1], width))}
}

// firstSandbox is the account that every sandbox begins with; to name it says nothing.
const firstSandbox = "000000000000"

// places says where, in ever fewer columns: whole leaves out the words account and
// endpoint and what kind of caller it is, cut also the middle of the caller's name.
func places(h Header, dot string) (whole, cut []string) {
	kind := map[string][]string{"sandbox": {"sandbox"}, "custom": {"custom endpoint"}}[h.Mode]
	line := func(lead string, who string) string {
		parts := slices.Clone(kind)
		if h.Account != "" && (h.Mode != "sandbox" || h.Account != firstSandbox) {
			parts = append(parts, lead+short(h.Account, 12))
		}
		for _, p := range []string{short(h.Region, 20), who} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		return strings.Join(parts, " "+dot+" ")
	}
	who := callerName(h.Caller)
	_, name, _ := strings.Cut(who, "/")
	whole = []string{line("account ", clean(who)), line("", clean(who)), line("", clean(name))}
	if h.Mode == "custom" {
		kind = []string{"custom"}
		whole = append(whole, line("", clean(name)))
	}
	if name == "" {
		whole = whole[:2] // the root user, or nobody yet
		if h.Mode == "custom" {
			whole = append(whole, line("", clean(who)))
		}
	}
	return whole, []string{line("", short(who, 24)), line("", short(who, 12))}
}

// callerName is the part of an ARN that the account, which stands beside it, does
// not say already: user/ops1.
func callerName(arn string) string {
	if fields := strings.SplitN(arn, ":", 6); len(fields) == 6 && fields[0] == "arn" {
		return fields[5]
	}
	return arn
}

// footerKeys are the keys that do something now.
func (a app) footerKeys() []key.Binding {
	if a.waits() {
		return []key.Binding{keys.Skip}
	}
	if a.deaf() && a.quiet == 0 {
		return nil
	}
	return a.top().Keys()
}
