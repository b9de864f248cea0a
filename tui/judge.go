package tui

import tea "charm.land/bubbletea/v2"

// judge has a value judged while it is typed, once nothing else is asked.
func (a app) judge(t typed) tea.Cmd {
	f, turn := a.flow, a.turn
	return func() tea.Msg {
		turn.Lock()
		defer turn.Unlock()
		if said, ok := f.judge(t); ok {
			return said
		}
		return nil
	}
}

// hold has what was pasted kept in the place of a file, once nothing else is asked.
func (a app) hold(p pasted) tea.Cmd {
	f, ok := a.flow.(interface{ hold(pasted) standsFor })
	if !ok {
		return nil
	}
	turn := a.turn
	return func() tea.Msg {
		turn.Lock()
		defer turn.Unlock()
		return f.hold(p)
	}
}
