package say

func vetAsSprintf(string, ...any) {}

func vetAsErrorf(string, ...any) {}
