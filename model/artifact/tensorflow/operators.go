package tensorflow

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed operators.txt
var operatorList string

// known is every operation that TensorFlow registers by itself.
var known = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool, 2048)
	for line := range strings.Lines(operatorList) {
		if line[0] != '#' {
			name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			m[name] = true
		}
	}
	return m
})

// effect is what an operation does besides computing.
type effect struct {
	rule string
	does string
	path int // the input that names a file or address; -1: none
}

// effects are the operations of TensorFlow that reach out of the graph.
var effects = map[string]effect{
	"ReadFile":             {ruleFile, "reads a file", 0},
	"WriteFile":            {ruleFile, "writes a file", 0},
	"MatchingFiles":        {ruleFile, "lists files", 0},
	"MatchingFilesDataset": {ruleFile, "lists files", 0}, "ExperimentalMatchingFilesDataset": {ruleFile, "lists files", 0},
	"SaveDataset": {ruleFile, "writes files", 1}, "SaveDatasetV2": {ruleFile, "writes files", 1},
	"DatasetToTFRecord": {ruleFile, "writes a file", 1}, "ExperimentalDatasetToTFRecord": {ruleFile, "writes a file", 1},
	"PyFunc": {rulePython, "calls a Python function", -1}, "PyFuncStateless": {rulePython, "calls a Python function", -1},
	"EagerPyFunc":             {rulePython, "calls a Python function", -1},
	"CreateSummaryFileWriter": {ruleSystem, "writes files", 1}, "CreateSummaryDbWriter": {ruleSystem, "writes a database", 1},
	"FileSystemSetConfiguration": {ruleSystem, "changes the configuration of file systems", 0},
	"RpcServer":                  {ruleSystem, "serves on the network", 0}, "RpcClient": {ruleSystem, "connects to a server", 0},
	"RpcServerStart": {ruleSystem, "serves on the network", -1}, "RpcCall": {ruleSystem, "calls a server", -1},
	"DataServiceDataset": {ruleSystem, "connects to a server", 2}, "DataServiceDatasetV2": {ruleSystem, "connects to a server", 2},
	"DataServiceDatasetV3": {ruleSystem, "connects to a server", 2}, "DataServiceDatasetV4": {ruleSystem, "connects to a server", 2},
	"Abort": {ruleSystem, "ends the process", -1},
}

// readers read data files: what is left of an input pipeline.
var readers = map[string]int{
	"SqlDataset": 1, "ExperimentalSqlDataset": 1, "TextLineDataset": 0, "TFRecordDataset": 0, "TFRecordDatasetV2": 0,
	"FixedLengthRecordDataset": 0, "FixedLengthRecordDatasetV2": 0, "CSVDataset": 0, "CSVDatasetV2": 0, "ExperimentalCSVDataset": 0,
	"LMDBDataset": 0, "ExperimentalLMDBDataset": 0, "LoadDataset": 0, "WholeFileReader": -1, "WholeFileReaderV2": -1, "TFRecordReader": -1,
	"TFRecordReaderV2": -1, "TextLineReader": -1, "TextLineReaderV2": -1, "FixedLengthRecordReader": -1, "FixedLengthRecordReaderV2": -1,
	"LMDBReader": -1, "RecordInput": -1, "SnapshotDataset": 1, "SnapshotDatasetV2": 1, "SnapshotDatasetReader": -1, "LoadAndRemapMatrix": 0,
	"CacheDataset": 1, "CacheDatasetV2": 1,
}

// checkpoints save or restore variables; the input with their path.
var checkpoints = map[string]int{
	"Save": 0, "SaveV2": 0, "SaveSlices": 0, "Restore": 0, "RestoreV2": 0, "RestoreSlice": 0, "MergeV2Checkpoints": 0, "ShardedFilename": 0,
	"ShardedFilespec": 0, "DTensorRestoreV2": 0, "DistributedSave": 1,
}

// talkers send what passes through them to the addresses in their attributes.
func talker(op string) bool { return strings.HasPrefix(op, "Debug") || op == "PrintV2" }

// address reports whether an attribute names a file or a server.
func address(s string) bool {
	return strings.HasPrefix(s, "file://") || strings.HasPrefix(s, "grpc://") || strings.Contains(s, "://")
}

// Operation says what is known about an operation that another format borrows from
// TensorFlow: whether TensorFlow defines it, and what it does besides computing, ""
// for nothing.
func Operation(name string) (defined bool, does string) {
	does = effects[name].does
	if _, ok := readers[name]; ok && does == "" {
		does = "reads files"
	}
	if talker(name) && does == "" {
		does = "can send what it sees elsewhere"
	}
	return known()[name], does
}
