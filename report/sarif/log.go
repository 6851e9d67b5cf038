package sarif

// The parts of SARIF 2.1.0 that are written here, named as in the standard
// (OASIS, "Static Analysis Results Interchange Format Version 2.1.0 Plus Errata
// 01"; section numbers in the comments are its).

type sarifLog struct { // 3.13
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []run  `json:"runs"`
}

type run struct { // 3.14
	Tool               tool                        `json:"tool"`
	Invocations        []invocation                `json:"invocations"`
	AutomationDetails  automationDetails           `json:"automationDetails"`
	OriginalURIBaseIDs map[string]artifactLocation `json:"originalUriBaseIds,omitempty"`
	ColumnKind         string                      `json:"columnKind"`
	Artifacts          []artifact                  `json:"artifacts,omitempty"`
	Results            []result                    `json:"results"` // never null: that would mean "not scanned"
	Properties         map[string]any              `json:"properties,omitempty"`
}

type tool struct { // 3.18
	Driver driver `json:"driver"`
}

type driver struct { // 3.19
	Name            string                `json:"name"`
	InformationURI  string                `json:"informationUri"`
	SemanticVersion string                `json:"semanticVersion,omitempty"`
	Version         string                `json:"version"`
	Rules           []reportingDescriptor `json:"rules"`
}

type reportingDescriptor struct { // 3.49
	ID                   string        `json:"id"`
	Name                 string        `json:"name"`
	ShortDescription     message       `json:"shortDescription"`
	FullDescription      message       `json:"fullDescription"`
	Help                 message       `json:"help"`
	DefaultConfiguration configuration `json:"defaultConfiguration"`
	Properties           ruleBag       `json:"properties"`
}

type configuration struct { // 3.50
	Level string `json:"level"`
}

// ruleBag holds what GitHub reads from the properties of a rule.
type ruleBag struct {
	Tags             []string `json:"tags"`
	Precision        string   `json:"precision"`         // very-high, high, medium or low
	SecuritySeverity string   `json:"security-severity"` // "0.0" to "10.0"
}

type message struct { // 3.11
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type invocation struct { // 3.20
	ExecutionSuccessful        bool           `json:"executionSuccessful"`
	StartTimeUTC               string         `json:"startTimeUtc"`
	EndTimeUTC                 string         `json:"endTimeUtc"`
	ToolExecutionNotifications []notification `json:"toolExecutionNotifications,omitempty"`
}

type notification struct { // 3.58
	Level      string      `json:"level"`
	Message    message     `json:"message"`
	Locations  []location  `json:"locations,omitempty"`
	Descriptor *descriptor `json:"descriptor,omitempty"`
}

type descriptor struct { // 3.52
	ID string `json:"id"`
}

type automationDetails struct { // 3.17
	ID string `json:"id"`
}

type artifact struct { // 3.24
	Location   artifactLocation  `json:"location"`
	Length     int64             `json:"length"`
	Roles      []string          `json:"roles"`
	Hashes     map[string]string `json:"hashes,omitempty"`
	Properties map[string]any    `json:"properties,omitempty"`
}

type result struct { // 3.27
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             message           `json:"message"`
	Locations           []location        `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	CodeFlows           []codeFlow        `json:"codeFlows,omitempty"`
	Suppressions        []suppression     `json:"suppressions,omitempty"`
	Fixes               []fix             `json:"fixes,omitempty"`
	Properties          map[string]any    `json:"properties"`
}

type location struct { // 3.28
	PhysicalLocation physicalLocation  `json:"physicalLocation"`
	LogicalLocations []logicalLocation `json:"logicalLocations,omitempty"`
	Message          *message          `json:"message,omitempty"`
}

type physicalLocation struct { // 3.29
	ArtifactLocation artifactLocation `json:"artifactLocation"`
	Region           *region          `json:"region,omitempty"`
}

type artifactLocation struct { // 3.4
	URI         string   `json:"uri,omitempty"`
	URIBaseID   string   `json:"uriBaseId,omitempty"`
	Description *message `json:"description,omitempty"`
}

type region struct { // 3.30
	StartLine   int    `json:"startLine,omitempty"`
	StartColumn int    `json:"startColumn,omitempty"`
	EndLine     int    `json:"endLine,omitempty"`
	EndColumn   int    `json:"endColumn,omitempty"`
	ByteOffset  *int64 `json:"byteOffset,omitempty"`
	ByteLength  *int64 `json:"byteLength,omitempty"`
}

type logicalLocation struct { // 3.33
	Name               string `json:"name"`
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

type codeFlow struct { // 3.36
	ThreadFlows []threadFlow `json:"threadFlows"`
}

type threadFlow struct { // 3.37
	Locations []threadFlowLocation `json:"locations"`
}

type threadFlowLocation struct { // 3.38
	Location   location `json:"location"`
	Kinds      []string `json:"kinds,omitempty"`
	Importance string   `json:"importance,omitempty"`
}

type suppression struct { // 3.35
	Kind          string         `json:"kind"`
	Status        string         `json:"status"`
	Justification string         `json:"justification,omitempty"`
	Properties    map[string]any `json:"properties,omitempty"`
}

type fix struct { // 3.55
	Description     message          `json:"description"`
	ArtifactChanges []artifactChange `json:"artifactChanges"`
}

type artifactChange struct { // 3.56
	ArtifactLocation artifactLocation `json:"artifactLocation"`
	Replacements     []replacement    `json:"replacements"`
}

type replacement struct { // 3.57
	DeletedRegion   region          `json:"deletedRegion"`
	InsertedContent artifactContent `json:"insertedContent"`
}

type artifactContent struct { // 3.3
	Text string `json:"text"`
}
