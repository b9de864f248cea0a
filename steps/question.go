package steps

// Kind is the shape of an answer.
type Kind string

// The kinds. Every answer is a string; the kind tells a screen how to ask.
const (
	Text   Kind = "text"
	Choose Kind = "choose" // one of Choices
	YesNo  Kind = "yes-no" // "yes" or "no"
	File   Kind = "file"   // a path that must be readable
	Secret Kind = "secret" // never saved, never shown; --set takes KEY-file, KEY-env or KEY-fd
	List   Kind = "list"   // values separated by commas
)

// Choice is one answer among several.
type Choice struct {
	Value string // what is saved
	Label string // what is read
	Note  string // one line more; may be empty
}

// Question is one thing that only the user knows. Most have a default and are a
// row of the review; few are asked.
type Question struct {
	Key  string // dotted, such as leaf.cn: the same in --set, the answers file and the journal
	Ask  string // a short question, or the label of the row
	Why  string // what depends on it, for somebody new to X.509
	Kind Kind
	// Row makes the question a row of the review: its default stands unless it
	// is edited there or given in advance.
	Row bool
	// AskWhen makes a row a question as long as it holds.
	AskWhen func(*Env) bool
	// Example shows the form of an answer in the commented answers file.
	Example string

	// Words are Ask and Why where another answer changes what is asked for; nil, or
	// empty: they stand as they are.
	Words func(*Env) (ask, why string)

	Applies func(*Env) bool           // nil: always
	Default func(*Env) (string, bool) // nil or false: there is none
	Choices func(*Env) []Choice       // for Choose
	Valid   func(*Env, string) error  // nil: anything; the error is one short sentence
	Clean   func(string) string       // nil: blanks around are cut off
	// Exists says of a secret that it opens something that is there, so that a
	// mistyped one is refused; nil: one is thought of now.
	Exists func(*Env) bool
	// Headless answers --yes; nil means Default. False: --yes is not enough.
	Headless func(*Env) (string, bool)
}

// Asked is a question as it stands now, with everything worked out: all that a
// screen or a line prompt needs.
type Asked struct {
	Question
	Step    ID
	Default string // empty if there is none; the last answer after Back
	Choices []Choice
	Once    bool // of a secret: it need not be typed twice
	// Commands are what the answer leads to, by hand, if it is the default.
	Commands []Command
	Problem  string // why the answer that was given is not valid; empty at first
}

// Row is one line of the review.
type Row struct {
	Asked
	Value   string
	Changed bool // differs from the default
}
