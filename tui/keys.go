package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// keyMap is every key of the program with its help. The footer and the overlay
// are drawn from it, so they cannot differ from what the keys do.
type keyMap struct {
	Next, Choose, Move, Back                key.Binding
	Apply, Details, Script, Settings, Edit  key.Binding
	Toggle, Plan                            key.Binding
	Scroll, Up, Down                        key.Binding
	PageUp, PageDown, Home, End             key.Binding
	Earlier, Later                          key.Binding
	Retry, Return, Copy, Leave, Close, Shut key.Binding
	Stop, GoOn                              key.Binding
	Remove                                  key.Binding
	Command, CopyCommand, Skip, Doctor      key.Binding
	Begin, Resume, Check, Renew, New        key.Binding
	TearDown, Sandbox                       key.Binding
	Filter, FilterDone, FilterClear, Erase  key.Binding
	Open, Fix, Again, All                   key.Binding
	Explain, Help, Quit                     key.Binding
}

// bind makes a binding; help is the key as it is shown and what it does.
func bind(shown, does string, names ...string) key.Binding {
	return key.NewBinding(key.WithKeys(names...), key.WithHelp(shown, does))
}

// keys never change. Esc is slow in tmux before 3.5, which waits 500 ms for the
// rest of a sequence; so shift+tab and ctrl+b go back, too.
var keys = keyMap{
	Next:   bind("enter", "next", "enter"),
	Choose: bind("enter", "choose", "enter"),
	Move:   bind("↑↓", "move", "up", "down", "k", "j"),
	Back:   bind("esc", "back", "esc", "shift+tab", "ctrl+b"),

	Apply:    bind("enter", "apply", "enter"),
	Details:  bind("d", "details", "d"),
	Script:   bind("s", "script", "s"),
	Settings: bind("tab", "settings", "tab"),
	Edit:     bind("enter", "edit", "enter", "e"),
	Toggle:   bind("space", "accept", "space"),
	Plan:     bind("tab", "plan", "tab", "esc", "shift+tab", "ctrl+b"),

	Scroll:   bind("↑↓", "scroll", "up", "down"),
	Up:       bind("up", "up", "up", "k"),
	Down:     bind("down", "down", "down", "j"),
	PageUp:   bind("pgup", "page up", "pgup"),
	PageDown: bind("pgdn", "page down", "pgdown", "space"),
	Home:     bind("home", "top", "home", "g"),
	End:      bind("end", "bottom", "end", "G"),
	Earlier:  bind("p", "previous", "p"),
	Later:    bind("n", "next change", "n"),

	Retry:  bind("r", "retry", "r"),
	Return: bind("b", "back", "b", "esc", "shift+tab", "ctrl+b"),
	Copy:   bind("c", "copy", "c"),
	Leave:  bind("q", "quit", "q"),
	Close:  bind("enter", "close", "enter", "q", "esc"),
	Shut:   bind("esc", "close", "esc", "enter", "q"),

	Stop: bind("y", "stop here", "y"),
	GoOn: bind("n", "go on", "n", "esc", "enter"),

	Remove: bind("enter", "remove", "enter"),

	Command:     bind("tab", "command", "tab"),
	CopyCommand: bind("ctrl+y", "copy", "ctrl+y"),
	Skip:        bind("k", "skip the wait", "k"),
	Doctor:      bind("d", "doctor", "d"),

	Begin:    bind("enter", "set up", "enter", "n"),
	Resume:   bind("enter", "go on", "enter"),
	Check:    bind("enter", "check", "enter", "c"),
	Renew:    bind("r", "renew", "r"),
	New:      bind("n", "new", "n"),
	TearDown: bind("t", "tear down", "t"),
	Sandbox:  bind("s", "sandbox", "s"),

	Filter:      bind("/", "filter", "/"),
	FilterDone:  bind("enter", "keep", "enter"),
	FilterClear: bind("esc", "clear", "esc"),
	Erase:       bind("backspace", "erase", "backspace"),

	Open:  bind("enter", "open", "enter"),
	Fix:   bind("f", "fix", "f"),
	Again: bind("r", "run again", "r"),
	All:   bind("a", "all", "a"),

	Explain: bind("f2", "explain", "f2"),
	// Where letters are not text, ? does the same.
	Help: bind("f1", "keys", "f1", "?"),
	Quit: bind("ctrl+c", "quit", "ctrl+c"),
}

// named is a binding with another word for what it does on one screen.
func named(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// explainAt is where in the footer the explain key stands: after what is pressed
// most.
const explainAt = 3

// footer is the line of keys, the most useful first. Whole entries are dropped
// from the right until it fits; help and quit always stay. While the screen hears
// none of its own keys they are not drawn as keys: they stand there all the same, so
// that nothing moves.
func footer(own []key.Binding, heard, explained bool, width int, look theme) string {
	ink := look.key
	if !heard {
		ink = look.dim
	}
	var parts []string
	for _, b := range own {
		parts = append(parts, helpOf(b, ink, look))
	}
	if explained {
		parts = slices.Insert(parts, min(len(parts), explainAt), helpOf(keys.Explain, look.key, look))
	}
	always := []string{helpOf(keys.Help, look.key, look), helpOf(keys.Quit, look.key, look)}
	for n := len(parts); n >= 0; n-- {
		line := strings.Join(append(parts[:n:n], always...), "  ")
		if ansi.StringWidth(line) <= width {
			return line
		}
	}
	return always[1]
}

// helpOf is a key, drawn with ink, and what it does.
func helpOf(b key.Binding, ink lipgloss.Style, look theme) string {
	return ink.Render(keyName(b, look)) + " " + look.dim.Render(b.Help().Desc)
}

// keyName is the key as it is shown.
func keyName(b key.Binding, look theme) string {
	if look.ascii {
		return asciiKeys.Replace(b.Help().Key)
	}
	return b.Help().Key
}
