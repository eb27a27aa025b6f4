from sandbox import demo


def test_the_demo_does_the_main_job(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "ROOT", tmp_path)

    code = demo.main()

    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    assert "requested → ringing → answered → ended" in printed.out
    assert "All 9 steps done" in printed.out


def test_a_step_that_fails_ends_the_demo_with_a_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "AGENT", "nobody@example.com")

    code = demo.main()

    printed = capsys.readouterr()
    assert code == 1
    assert "Failed. POST /calls answered 422: No virtualats extension is known for this CRM user." in printed.err
    assert "Traceback" not in printed.err
