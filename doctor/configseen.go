package doctor

// ConfigSeen is the AWS config profile that leads to the certificate.
type ConfigSeen struct {
	File        FileSeen `json:"file"`
	Credentials FileSeen `json:"credentials"`
	Profile     string   `json:"profile,omitempty"` // its name; empty if none was found
	// Section is the header as it stands in the file.
	Section string `json:"section,omitempty"`
	// Bare says that the config file has [name] instead of [profile name].
	Bare bool `json:"bare,omitempty"`
	// Instead says what a section without credential_process has in its place, Near
	// which sections a missing name may have meant.
	Instead string   `json:"instead,omitempty"`
	Near    []string `json:"near,omitempty"`
	// Twice counts the section in the config file.
	Twice int `json:"twice,omitempty"`
	// Refused says why the AWS CLI and boto3 refuse the whole config file or do not see
	// the section; RefusedKeys the same of the credentials file.
	Refused     string `json:"refused,omitempty"`
	RefusedKeys string `json:"refusedKeys,omitempty"`
	// Keys are the names of its keys; Shadow those of the section of the same name
	// in the credentials file.
	Keys   []string `json:"keys,omitempty"`
	Shadow []string `json:"shadow,omitempty"`
	// Line is credential_process, without passwords.
	Line   string `json:"line,omitempty"`
	Helper Helper `json:"helper"`
	// Elsewhere are other config files of this machine's users that have the
	// section: another HOME or AWS_CONFIG_FILE leads there.
	Elsewhere []string `json:"elsewhere,omitempty"`
	// Source is the source_profile; SourceSays why it leads nowhere, LineSection the
	// section behind it whose line Line is.
	Source      string `json:"source,omitempty"`
	SourceSays  string `json:"sourceSays,omitempty"`
	LineSection string `json:"lineSection,omitempty"`

	Program Program  `json:"program"`
	Trouble *Trouble `json:"trouble,omitempty"`
}

// Helper is a credential_process line, taken apart and not run.
type Helper struct {
	Words []string `json:"words,omitempty"` // as botocore splits it
	// Shell is how "sh -c" would read it, Windows how cmd.exe and .NET would; empty
	// if alike.
	Shell   []string          `json:"shell,omitempty"`
	Windows []string          `json:"windows,omitempty"`
	Flags   map[string]string `json:"flags,omitempty"` // known flags only
	// NoCommand says that AWS's helper or ours is started without a command.
	NoCommand bool `json:"noCommand,omitempty"`
	// Wrapper is the program that starts the signer, such as sudo or a shell, which
	// reads the line itself if ByShell.
	Wrapper string `json:"wrapper,omitempty"`
	ByShell bool   `json:"byShell,omitempty"`
	// Swallowed are flags whose value is the next flag.
	Swallowed []string `json:"swallowed,omitempty"`
	Strange   []string `json:"strange,omitempty"`
	Trouble   string   `json:"trouble,omitempty"` // why it cannot be split
}

// Program is the file that the line starts.
type Program struct {
	FileSeen
	Name        string `json:"name,omitempty"` // as the line has it
	Found       string `json:"found,omitempty"`
	Elsewhere   string `json:"elsewhere,omitempty"` // where PATH finds one of that name, if it is not found
	Executable  bool   `json:"executable,omitempty"`
	Quarantined bool   `json:"quarantined,omitempty"`
	NoExec      bool   `json:"noExec,omitempty"`
	Machine     string `json:"machine,omitempty"` // CPU it is built for, if another
	Other       string `json:"other,omitempty"`   // what the file is, if no program of this system and no script
	Loader      string `json:"loader,omitempty"`  // the dynamic loader it asks for, if that is not there
}
