// Package hfrepo checks what makes a folder of files a model that loaders of the
// Hugging Face family understand: configurations that name code to be run,
// adapters that name a base model, indexes that name shards, and files that stand
// beside each other.
//
// A configuration is data, and still decides which code runs: transformers, PEFT,
// diffusers and sentence-transformers import by name what it says (documentation of
// transformers, "Custom models"; of PEFT, "PeftConfig"; of diffusers, "Community
// pipelines").
package hfrepo
