package tui

import (
	"anywhere/pki/foreign"
)

// link is one line of the picture: who, and what it does to the next.
type link struct {
	who  string
	node Node
	does string
}

// typed is the picture with value in the node that the question key names, and
// that node marked as where the user is.
func (p Picture) typed(key, value string) Picture {
	for _, n := range []*Node{&p.Root, &p.CA, &p.Certificate, &p.Anchor, &p.Profile, &p.Role, &p.Session} {
		if n.Key != "" && n.Key == key {
			n.Name, n.here = value, true
		}
	}
	return p
}

// links is the chain of trust in the order in which AWS follows it.
func (p Picture) links() []link {
	above := []link{{"root CA", p.Root, "signs"}}
	if p.Root.Name == "" {
		above = nil
	}
	return append(above, []link{
		{"CA", p.CA, "signs"},
		{"certificate", p.Certificate, "is checked against"},
		{"trust anchor", p.Anchor, "is asked with"},
		{"Roles Anywhere profile", p.Profile, "lists"},
		{"role", p.Role, "gives, if its policy agrees"},
		{"session", p.Session, ""},
	}...)
}

// view draws the chain in the room there is: with names below in a narrow column,
// with what each link does in a wide one, without that in a low one, or not at all.
func (p Picture) view(width, height int, look theme) []string {
	if p == (Picture{}) {
		return nil
	}
	for _, draw := range []func(int, theme) []string{p.rich, p.tall, p.full, p.compact, p.brief} {
		if lines := draw(width, look); lines != nil && len(lines) <= height {
			return lines
		}
	}
	return nil
}

// rich is tall with what AWS checks at each link, and air between the links.
func (p Picture) rich(width int, look theme) []string { return p.column(width, look, true) }

// tall puts each name under its link; for the column at the right.
func (p Picture) tall(width int, look theme) []string { return p.column(width, look, false) }

func (p Picture) column(width int, look theme, checks bool) []string {
	if width >= 48 {
		return nil
	}
	bar := look.dim.Render(pad(look.glyph.rule, look.glyph.wide+1))
	var lines []string
	for _, l := range p.links() {
		below := bar
		if l.does == "" {
			below = pad("", look.glyph.wide+1)
		}
		room := width - look.glyph.wide - 1
		lines = append(lines, nodeGlyph(l.node, look)+look.dim.Render(l.who))
		for _, t := range nodeLines(l.node, room, look) {
			lines = append(lines, below+t)
		}
		if checks {
			for _, t := range wrap(l.node.Check, room) {
				lines = append(lines, below+look.dim.Render(t))
			}
			if l.does != "" {
				lines = append(lines, bar)
			}
		}
		if l.does != "" {
			lines = append(lines, look.dim.Render(pad(look.glyph.link, look.glyph.wide+1)+l.does))
		}
	}
	return lines
}

// full has a line between the links that says what the upper does.
func (p Picture) full(width int, look theme) []string {
	if width < 48 {
		return nil
	}
	var lines []string
	for _, l := range p.links() {
		lines = append(lines, nodeLine(l, width, look))
		if l.does != "" {
			lines = append(lines, look.dim.Render(look.glyph.link+"   "+l.does))
		}
	}
	return lines
}

// compact is a line for each link.
func (p Picture) compact(width int, look theme) []string {
	var lines []string
	for _, l := range p.links() {
		lines = append(lines, nodeLine(l, width, look))
	}
	return lines
}

// brief is the chain as a row of links, without names, broken where the line ends.
func (p Picture) brief(width int, look theme) []string {
	var parts []string
	for _, l := range p.links() {
		parts = append(parts, nodeGlyph(l.node, look)+look.dim.Render(l.who))
	}
	return flowing(parts, width)
}

func nodeLine(l link, width int, look theme) string {
	return nodeGlyph(l.node, look) + pad(look.dim.Render(l.who), labelWidth) + nameAndDetail(l.node, width-labelWidth-look.glyph.wide-1, look)
}

// nodeLines is the name of a node with its detail beside or below it.
func nodeLines(n Node, width int, look theme) []string {
	one := nameAndDetail(n, width, look)
	if n.Name == "" || n.Detail == "" || foreign.Width(short(n.Name, width))+2+foreign.Width(clean(n.Detail)) <= width {
		return []string{one}
	}
	return []string{one, look.dim.Render(short(n.Detail, width))}
}

// nameAndDetail is the name of a node with its detail, as far as both fit; the detail
// goes first.
func nameAndDetail(n Node, width int, look theme) string {
	if n.Name == "" {
		return look.dim.Render(short("not yet", width))
	}
	name := short(n.Name, width)
	if room := width - foreign.Width(name) - 2; n.Detail != "" && room >= foreign.Width(clean(n.Detail)) {
		return name + "  " + look.dim.Render(clean(n.Detail))
	}
	return name
}

// nodeGlyph is a tick only for what stands: an answer is not a thing.
func nodeGlyph(n Node, look theme) string {
	switch {
	case n.here:
		return look.accent.Render(look.glyph.lead(look.glyph.here))
	case n.Stands:
		return look.good.Render(look.glyph.lead(look.glyph.done))
	}
	return look.dim.Render(look.glyph.lead(look.glyph.todo))
}
