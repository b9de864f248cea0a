package sandbox

import "slices"

// notice is one notification setting of a trust anchor that somebody made.
type notice struct {
	Event     string `json:"event"`
	Enabled   bool   `json:"enabled"`
	Threshold int    `json:"threshold"` // days before expiry
}

type noticeInput struct {
	Enabled   bool
	Event     string
	Threshold int
	Channel   string
}

type noticeDetail struct {
	Enabled      bool   `json:"enabled"`
	Event        string `json:"event"`
	Threshold    int    `json:"threshold"`
	Channel      string `json:"channel"`
	ConfiguredBy string `json:"configuredBy"`
}

// defaultThreshold is what every trust anchor begins with.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/customize-notification-settings.html
const defaultThreshold = 45

// notices are the settings in force: one for each event, the service's own where
// nobody made another.
func (a *anchor) notices() []noticeDetail {
	var out []noticeDetail
	for _, event := range raEvent.enum {
		d := noticeDetail{true, event, defaultThreshold, "ALL", "rolesanywhere.amazonaws.com"}
		if i := slices.IndexFunc(a.Notices, func(n notice) bool { return n.Event == event }); i >= 0 {
			d.Enabled, d.Threshold, d.ConfiguredBy = a.Notices[i].Enabled, a.Notices[i].Threshold, Account
		}
		out = append(out, d)
	}
	return out
}

func (a *anchor) setNotices(in []noticeInput) {
	for _, n := range in {
		a.dropNotice(n.Event)
		if n.Threshold == 0 {
			n.Threshold = defaultThreshold
		}
		a.Notices = append(a.Notices, notice{n.Event, n.Enabled, n.Threshold})
	}
}

func (a *anchor) dropNotice(event string) {
	a.Notices = slices.DeleteFunc(a.Notices, func(n notice) bool { return n.Event == event })
}

func putNotices(c *call) (any, *refusal) {
	in, a, no := c.wantedAnchor()
	if no != nil {
		return nil, no
	}
	a.setNotices(in.NotificationSettings)
	a.UpdatedAt = c.now
	return c.answerAnchor(a)
}

func resetNotices(c *call) (any, *refusal) {
	in, a, no := c.wantedAnchor()
	if no != nil {
		return nil, no
	}
	for _, n := range in.NotificationSettingKeys {
		a.dropNotice(n.Event)
	}
	a.UpdatedAt = c.now
	return c.answerAnchor(a)
}
