package doctor

import (
	"slices"
	"sync"
)

// Progress is how far an examination is, for whoever watches it.
type Progress struct {
	Name  string
	Ended []Group // whose evidence is all there
	// Report is judged from the evidence that is there. Of groups that have not
	// ended it says nothing that counts.
	Report Report
	Done   bool // Report is the last word
}

// Has says whether a group has ended.
func (p Progress) Has(g Group) bool { return p.Done || slices.Contains(p.Ended, g) }

// watcher judges what has been seen so far each time that a part of the evidence
// is whole. Parts are copied when their goroutine has ended, so that nothing is read
// while it is written.
type watcher struct {
	mu    sync.Mutex
	seen  Evidence
	ended []Group
	tell  func(Progress)
}

// watch begins with what was seen on this machine; nobody watching is nil.
func watch(e *Evidence, tell func(Progress)) *watcher {
	if tell == nil {
		return nil
	}
	w := &watcher{seen: *e, tell: tell}
	w.end(func(*Evidence) {}, GroupKey, GroupCertificate, GroupConfig)
	return w
}

// end takes over a part of the evidence and tells of the groups that it ends.
func (w *watcher) end(take func(*Evidence), groups ...Group) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	take(&w.seen)
	w.ended = append(w.ended, groups...)
	now := w.seen
	w.tell(Progress{Name: now.Name, Ended: slices.Clone(w.ended), Report: Diagnose(&now)})
}
