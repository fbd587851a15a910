"""The stages of one dataset's way, one verb and one public function each; none knows another."""
