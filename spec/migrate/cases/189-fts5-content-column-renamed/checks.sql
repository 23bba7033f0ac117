SELECT body FROM f;
